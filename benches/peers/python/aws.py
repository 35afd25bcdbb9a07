"""The SDK's clients. `AWS_CA_BUNDLE` pins the roots, which spares Python its own store of 150."""

import json
import os

import boto3
from botocore.config import Config

TABLE = os.environ["PEER_TABLE"]
session = boto3.session.Session()
dynamodb = session.client("dynamodb", config=Config(max_pool_connections=16, parameter_validation=False))


def read_secrets():
    ssm = session.client("ssm")
    parameter = ssm.get_parameter(Name=os.environ["CARTBACK_SECRETS_PARAMETER"], WithDecryption=True)
    return json.loads(parameter["Parameter"]["Value"])


def number(value):
    return {"N": str(value)}


def text(value):
    return {"S": value}


def key(pk, sk):
    return {"pk": text(pk), "sk": text(sk)}


def over(item, seen):
    """A put of `item`, only if the stored version still is that of `seen`."""
    put = {"TableName": TABLE, "Item": {**item, "v": number((int(seen["v"]["N"]) if seen else 0) + 1)}}
    if seen:
        return {**put, "ConditionExpression": "v = :seen", "ExpressionAttributeValues": {":seen": seen["v"]}}
    return {**put, "ConditionExpression": "attribute_not_exists(pk)"}
