/** The JSON of BitPaket's documentation, "Create and Download Zipped Balls", as it is printed there. */

const created = `{
	"success": true,
	"data": {
		"ball_id": "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe",
		"urls": {
			"url": "https://mypaket.bitpaket.com/e7d86f8c-f53e-4ec5-aee6-5e0408296dbe.zip?zipball",
			"domains": []
		}
	}
}`;

/** "Request ZipBall". */
export const simple = {
  request: `{
	"objects": [
		{
			"path": "/dir/myfile.exe"
		},
		{
			"path": "/dir/myfile2.exe"
		},
		{
            "folder": "/anotherDir"
		}
	]
}`,
  response: created,
};

/** "Adding specific or multiple versions". */
export const severalVersions = {
  request: `{
	"objects": [
		{
			"path": "/dir/myfile.exe"
		},
		
		{
			"path": "/dir/myfile.exe",
			"version": 5
		},
		{
			"path": "/dir/myfile2.exe",
			"revision": "0e4b563b"
		}
	]
}`,
  /** A revision begins the ETag of an object: none can be made that has this one. */
  revision: "0e4b563b",
  response: created,
  /** "How we handle multiple versions?" */
  content: `
/myfile.exe
/myfile (Version 5).exe
/myfile2.exe
`,
};

/** "Overriding object paths". */
export const overridden = {
  request: `{
	"objects": [
		{
			"id": "b6233520-0ab2-465e-b698-c69c7ed53e2a",
			"override": "/my/custom/path/myfile.zip"
		}
	]
}`,
  id: "b6233520-0ab2-465e-b698-c69c7ed53e2a",
  response: created,
};

/** What differs from service to service in the responses above. */
export const ofBitpaket = {
  ballId: "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe",
  paket: "https://mypaket.bitpaket.com",
};

/** "Using API", "Failed authentications". */
export const failedAuthentication = `{
	"success": false,
	"error": {
		"code": 10401,
		"message": "The access token is invalid",
		"data": {
			"domain": null
		}
	}
}`;
