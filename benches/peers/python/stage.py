"""{"stage": "nudge"}: takes what is due, and for each cart reads, decides, renders, reserves, notes, sends and settles."""

import base64
import hmac
import json
import os
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from botocore.config import Config

from aws import TABLE, dynamodb, key, number, over, read_secrets, session, text
from mail import ANSWERS, Nudge
from runtime import run

CONCURRENCY = 16
N_SHARDS = 4
HOUR = 3_600_000
# SES knows no idempotency token: a request that is repeated is a second mail.
once = Config(retries={"total_max_attempts": 1}, max_pool_connections=CONCURRENCY, parameter_validation=False)
ses = session.client("sesv2", config=once)
LINK_KEY = base64.b64decode(read_secrets()["link_keys"][0]["secret"])
POOL = ThreadPoolExecutor(CONCURRENCY)
NUDGE = Nudge((Path(os.environ["PEER_BUILT"]) / "nudge.html").read_text())


def due(stage, shard, now):
    return dynamodb.query(
        TableName=TABLE,
        IndexName="due",
        KeyConditionExpression="due_shard = :shard AND due_at <= :now",
        ExpressionAttributeValues={":shard": text(f"{stage}#0{shard}"), ":now": number(now)},
        Limit=200,
    )["Items"]


def read(pk, sk):
    return dynamodb.get_item(TableName=TABLE, Key=key(pk, sk), ConsistentRead=True).get("Item")


def token(purpose, subject, attempt):
    payload = base64.urlsafe_b64encode(f"{purpose}.{subject}.{attempt}".encode()).rstrip(b"=")
    mac = base64.urlsafe_b64encode(hmac.digest(LINK_KEY, payload, "sha256")).rstrip(b"=")
    return f"{payload.decode()}.{mac.decode()}"


def decide(cart, contact, stage, now):
    if cart["stage"]["S"] != stage or cart["phase"]["S"] != "wait" or now < int(cart["due_at"]["N"]):
        return "stale"
    if "stopped_at" in contact or contact["consent"]["S"] != "granted":
        return "no consent"
    if "last_order_at" in contact and int(contact["last_order_at"]["N"]) > int(cart["active_at"]["N"]):
        return "ordered"
    if now - int(cart["active_at"]["N"]) > 3 * HOUR:
        return "too late"
    mails = json.loads(contact["mails"]["S"])
    if any(now - at < 4 * HOUR for at in mails):
        return "too soon"
    if sum(now - at < 7 * 24 * HOUR for at in mails) >= 3:
        return "too many"
    return "send"


def remind(pk, stage, shop, now):
    cart = read(pk, "CART")
    contact = read(f"CONTACT#demo#{cart['person']['S']}", "CONTACT")
    verdict = decide(cart, contact, stage, now)
    if verdict != "send":
        return verdict
    attempt = str(uuid.uuid4())
    person = cart["person"]["S"]
    unsubscribe = f"{shop['links_url']}/unsubscribe/{token('u', person, attempt)}"
    answered = f"{shop['links_url']}/reason/{token('a', pk, attempt)}"
    mail = NUDGE.render(
        {
            **json.loads(cart["contents"]["S"]),
            "brand": shop["brand"],
            "first_name": cart["name"]["S"],
            "restore_url": f"{shop['links_url']}/restore/{token('r', pk, attempt)}",
            "unsubscribe_url": unsubscribe,
            "preferences_url": f"{shop['links_url']}/preferences/{token('p', person, attempt)}",
            "answers": [{"name": name, "url": f"{answered}/{name}"} for name in ANSWERS],
        }
    )
    reserved = {**cart, "phase": text("sending"), "attempt": text(attempt), "due_at": number(now + HOUR // 4)}
    noted = {**contact, "mails": text(json.dumps([*json.loads(contact["mails"]["S"]), now]))}
    puts = [{"Put": over(reserved, cart)}, {"Put": over(noted, contact)}]
    dynamodb.transact_write_items(TransactItems=puts, ClientRequestToken=attempt)
    decision = {"decision": text("send"), "expires_at": number(now // 1000 + 60 * 86_400)}
    dynamodb.put_item(TableName=TABLE, Item={**key(pk, f"DECISION#{stage}#{attempt}"), **decision})
    send(cart, shop, mail, unsubscribe, attempt, stage)
    settled = {**reserved, "v": number(int(cart["v"]["N"]) + 1)}
    following = {
        **settled,
        "stage": text("follow_up"),
        "phase": text("wait"),
        "due_at": number(now + 8 * HOUR),
        "due_shard": text(cart["due_shard"]["S"].replace("nudge", "follow_up")),
    }
    dynamodb.put_item(**over(following, settled))
    return "sent"


def send(cart, shop, mail, unsubscribe, attempt, stage):
    def part(data):
        return {"Data": data, "Charset": "UTF-8"}

    ses.send_email(
        FromEmailAddress=shop["from"],
        Destination={"ToAddresses": [cart["email"]["S"]]},
        ReplyToAddresses=[shop["brand"]["support_email"]],
        Content={
            "Simple": {
                "Subject": part(mail["subject"]),
                "Body": {"Html": part(mail["html"]), "Text": part(mail["text"])},
                "Headers": [
                    {"Name": "List-Unsubscribe", "Value": f"<{unsubscribe}>"},
                    {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                ],
            }
        },
        EmailTags=[{"Name": "attempt", "Value": attempt}, {"Name": "stage", "Value": stage}],
        ConfigurationSetName=os.environ["CARTBACK_CONFIGURATION_SET"],
    )


def handle(event):
    stage, now = event["stage"], int(time.time() * 1000)
    counts = Counter()
    shop = None
    while True:
        shards = POOL.map(lambda shard: due(stage, shard, now), range(N_SHARDS))
        keys = [item["pk"]["S"] for items in shards for item in items]
        if not keys:
            return {"stage": stage, "carts": counts}
        if shop is None:
            shop = json.loads(read("SHOP#demo", "SHOP")["settings"]["S"])
        counts.update(POOL.map(lambda pk: remind(pk, stage, shop, now), keys))


run(handle)
