// The SDK's clients. Roots are pinned, which spares Node its own store of 150.
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { NodeHttpHandler } from "@smithy/node-http-handler";

export const httpsAgent = new Agent({ keepAlive: true, maxSockets: 50, ca: readFileSync(process.env.AWS_CA_BUNDLE) });
export const requestHandler = new NodeHttpHandler({ httpsAgent });
const accessKeyId = process.env.AWS_ACCESS_KEY_ID;
const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY;
const sessionToken = process.env.AWS_SESSION_TOKEN;

// Credentials as values: the default chain of providers costs a cold start more.
export const settings = {
  region: process.env.AWS_REGION,
  credentials: { accessKeyId, secretAccessKey, sessionToken },
  requestHandler,
};

export const table = process.env.PEER_TABLE;
export const dynamodb = new DynamoDBClient(settings);

export async function readSecrets() {
  const ssm = new SSMClient(settings);
  const parameter = { Name: process.env.CARTBACK_SECRETS_PARAMETER, WithDecryption: true };
  const { Parameter } = await ssm.send(new GetParameterCommand(parameter));
  return JSON.parse(Parameter.Value);
}
