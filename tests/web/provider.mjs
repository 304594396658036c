// A provider of identities for the tests: oidc-provider on a free port of this machine.
//
// Whoever comes is signed in without being asked, as whoever `/become?sub=…&email=…&verified=…` said last.
// What it tells the service when somebody signs out is caught, and answered to `/sign-out`.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

console.info = console.error;

const [installed, back] = process.argv.slice(2);
const place = createRequire(`${installed}/`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(place));

const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

let present = "nobody";
let caught = "";
const people = new Map();

const provider = new Provider(issuer, {
  clients: [{
    client_id: "outturn",
    client_secret: "a secret of both",
    redirect_uris: [back],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_basic",
    backchannel_logout_uri: `${issuer}/told`,
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  cookies: { keys: ["for tests alone"] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  fetch: async (_, options) => {
    caught = new URLSearchParams(options.body).get("logout_token");
    return new Response();
  },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
});

async function signIn(request, response) {
  const { params, prompt } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: present, clientId: params.client_id });
  grant.addOIDCScope("openid email");
  const result = { login: { accountId: present }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: prompt.name !== "login" });
}

const answer = provider.callback();
server.on("request", async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  try {
    if (pathname === "/become") {
      present = searchParams.get("sub");
      people.set(present, { email: searchParams.get("email"), email_verified: searchParams.get("verified") === "yes" });
      response.end();
    } else if (pathname === "/sign-out") {
      const client = await provider.Client.find("outturn");
      await client.backchannelLogout(present, "a session");
      response.end(caught);
    } else if (pathname.startsWith("/interaction/")) {
      await signIn(request, response);
    } else {
      answer(request, response);
    }
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error.stack));
  }
});

console.log(issuer);
