// Verifies every case on standard input with the official library, and says for each what came of it.
const { Webhook } = require("standardwebhooks");

const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const results = cases.map(({ secret, body, headers }) => {
  try {
    const webhook = secret.startsWith("whsec_") ? new Webhook(secret) : new Webhook(secret, { format: "raw" });
    webhook.verify(body, headers, { jsonParse: false });
    return "verified";
  } catch (error) {
    return error.message;
  }
});
process.stdout.write(JSON.stringify(results));
