import { XMLParser, XMLValidator } from "fast-xml-parser";
import { S3Error } from "./errors.ts";

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/** A value of a response document: text, a number, nested elements, or a repetition of any of them. */
type XmlValue = string | number | boolean | undefined | XmlElements | readonly XmlValue[];
export interface XmlElements {
  readonly [name: string]: XmlValue;
}

/**
 * A response document in S3's namespace. Elements come in the order of their properties, undefined ones not at
 * all, a list as that many elements of its name.
 */
export function xmlDocument(root: string, elements: XmlElements): string {
  return `${declaration}<${root} xmlns="${namespace}">${xmlElements(elements)}</${root}>`;
}

/** An `<Error>` document, which S3 sends without a namespace. */
export function xmlErrorDocument(elements: XmlElements): string {
  return `${declaration}<Error>${xmlElements(elements)}</Error>`;
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

function xmlElements(elements: XmlElements): string {
  let text = "";
  for (const name in elements) text += xmlElement(name, elements[name]);
  return text;
}

function xmlElement(name: string, value: XmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "string")
    return value === "" ? `<${name}/>` : `<${name}>${escapeText(value)}</${name}>`;
  if (typeof value === "number" || typeof value === "boolean") return `<${name}>${value}</${name}>`;
  if (isList(value)) return value.map((item) => xmlElement(name, item)).join("");
  return `<${name}>${xmlElements(value)}</${name}>`;
}

function isList(value: XmlElements | readonly XmlValue[]): value is readonly XmlValue[] {
  return Array.isArray(value);
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * S3 writes control characters as references although XML 1.0 has none for most of them; clients that keep such
 * keys ask for `encoding-type=url`.
 */
function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!/[&<>"\u0000-\u001f\ufffe\uffff]/.test(text)) return text;
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
    /[&<>"\u0000-\u001f\ufffe\uffff]/g,
    (character) => entities[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );
}

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  // Keys may hold control characters, which arrive as numeric references; the limits are S3's own.
  htmlEntities: true,
  processEntities: { enabled: true, maxTotalExpansions: 10_000_000, maxExpandedLength: 16 * 1024 * 1024 },
  isArray: (name) => name === "Object" || name === "Part",
});

/**
 * The content of a request document's root element.
 * Throws: S3Error MalformedXML when it is not XML or has another root.
 */
export function parseXml(text: string, root: string): unknown {
  if (XMLValidator.validate(text) !== true) throw malformedXml();
  const parsed: unknown = parser.parse(text);
  if (typeof parsed !== "object" || parsed === null || !(root in parsed)) throw malformedXml();
  return Object.entries(parsed).find(([name]) => name === root)?.[1];
}

/** What S3 says of every request document that is not as its schema wants it. */
export function malformedXml(): S3Error {
  return new S3Error(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}
