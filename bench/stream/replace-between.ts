/**
 * A page with other lines between `<!-- name: begin -->` and `<!-- name: end -->`.
 * Throws: Error for a page without these two.
 */
export function replaceBetween(page: string, name: string, lines: string): string {
  const begin = `<!-- ${name}: begin -->`;
  const end = `<!-- ${name}: end -->`;
  const beginsAt = page.indexOf(begin);
  const endsAt = page.indexOf(end);
  if (beginsAt === -1 || endsAt < beginsAt) throw new Error(`The page has no ${begin} followed by ${end}`);
  return `${page.slice(0, beginsAt + begin.length)}\n\n${lines.trim()}\n\n${page.slice(endsAt)}`;
}
