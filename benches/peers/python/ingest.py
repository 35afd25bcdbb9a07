"""POST /events/{shop}: verify, parse, read shop, person and cart at once, fold, write over the version read, note, answer."""

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timezone
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from aws import TABLE, dynamodb, key, number, over, read_secrets, text
from runtime import run

CONFLICTS = {"ConditionalCheckFailedException", "TransactionCanceledException"}
PRICE = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)
SECRETS = read_secrets()
PEPPER = base64.b64decode(SECRETS["pepper"])


def answer(status, body):
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body), "isBase64Encoded": False}


def is_signed(shop, headers, body, now):
    try:
        message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split(" ")
    except KeyError:
        return False
    if abs(now / 1000 - int(timestamp)) > 300:
        return False
    signed = f"{message_id}.{timestamp}.{body}".encode()
    for secret in SECRETS["shops"].get(shop, {}).get("webhooks", {}).get("cartback", []):
        secret_bytes = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.digest(secret_bytes, signed, "sha256")).decode()
        if any(hmac.compare_digest(signature, f"v1,{expected}") for signature in signatures):
            return True
    return False


def string(value, limit):
    if not isinstance(value, str) or len(value) > limit:
        raise ValueError("not a text")
    return value


def cents(price):
    if not PRICE.fullmatch(price):
        raise ValueError("not a price")
    return round(float(price) * 100)


def url(value):
    if urlsplit(value).scheme not in ("http", "https"):
        raise ValueError("not a URL")
    return value


def parse(body):
    message = json.loads(body)
    if message["type"] != "cart.updated":
        raise ValueError("not a known type")
    lines = [
        {
            "id": string(item["id"], 200),
            "title": string(item["title"], 500),
            "variant": string(item.get("variant", ""), 500),
            "quantity": max(1, int(item["quantity"])),
            "price_cents": cents(item["price"]),
            "compare_at_cents": cents(item["compare_at_price"]) if "compare_at_price" in item else None,
            "image_url": url(item["image_url"]) if "image_url" in item else None,
            "url": url(item["url"]) if "url" in item else None,
        }
        for item in message["cart"]["items"]
    ]
    return {
        "cart": string(message["cart"]["id"], 200),
        "currency": string(message["cart"]["currency"], 3),
        "lines": lines,
        "total_cents": sum(line["price_cents"] * line["quantity"] for line in lines),
        "checkout_url": url(message["cart"]["checkout_url"]),
        "email": string(message["contact"]["email"], 254).strip().lower(),
        "name": string(message["contact"].get("name", ""), 200),
        "consent": string(message.get("consent", {}).get("state", "unknown"), 20),
    }


def read(keys):
    request = {TABLE: {"Keys": keys, "ConsistentRead": True}}
    items = dynamodb.batch_get_item(RequestItems=request)["Responses"][TABLE]
    found = {item["pk"]["S"]: item for item in items}
    return [found.get(one["pk"]["S"]) for one in keys]


def record(shop, message, now):
    digest = hmac.digest(PEPPER, f"{shop}\n{message['email']}".encode(), "sha256")
    person = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    pk = f"CART#{shop}#{message['cart']}"
    keys = [key(f"SHOP#{shop}", "SHOP"), key(f"CONTACT#{shop}#{person}", "CONTACT"), key(pk, "CART")]
    settings, contact, cart = read(keys)
    if settings is None:
        return False
    folded = cart or {
        **keys[2],
        "created_at": number(now),
        "stage": text("nudge"),
        "phase": text("wait"),
        "due_shard": text(f"nudge#0{hashlib.sha256(pk.encode()).digest()[0] % 4}"),
        "due_at": number(now + 35 * 60_000),
    }
    if cart is None or int(cart["active_at"]["N"]) <= now:
        contents = {name: message[name] for name in ("currency", "lines", "total_cents")}
        folded = {
            **folded,
            "active_at": number(now),
            "email": text(message["email"]),
            "person": text(person),
            "name": text(message["name"]),
            "contents": text(json.dumps(contents, separators=(",", ":"))),
            "checkout_url": text(message["checkout_url"]),
            "expires_at": number(now // 1000 + 90 * 86_400),
        }
    if contact:
        dynamodb.put_item(**over(folded, cart))
    else:
        granted = {**keys[1], "consent": text(message["consent"]), "asked_at": number(now), "mails": text("[]")}
        puts = [{"Put": over(folded, cart)}, {"Put": over(granted, None)}]
        dynamodb.transact_write_items(TransactItems=puts)
    return True


def note(shop, message, message_id, now):
    at = datetime.fromtimestamp(now / 1000, timezone.utc).isoformat(timespec="milliseconds")
    line = {
        **key(f"CART#{shop}#{message['cart']}", f"EVENT#{at}#{message_id}"),
        "kinds": text("cart.updated"),
        "expires_at": number(now // 1000 + 60 * 86_400),
    }
    dynamodb.put_item(TableName=TABLE, Item=line)


def handle(event, _tries=8):
    _, door, shop = event["rawPath"].split("/")[:3]
    if event["requestContext"]["http"]["method"] != "POST" or door != "events":
        return answer(404, {"title": "There is nothing here"})
    now = event["requestContext"]["timeEpoch"]
    body = base64.b64decode(event["body"]).decode() if event["isBase64Encoded"] else event["body"]
    if not is_signed(shop, event["headers"], body, now):
        return answer(401, {"title": "The signature is not valid"})
    try:
        message = parse(body)
    except (ValueError, KeyError, TypeError) as fault:
        return answer(400, {"title": "The message cannot be used", "detail": str(fault)})
    for left in reversed(range(_tries)):
        try:
            if not record(shop, message, now):
                return answer(404, {"title": "There is no such shop"})
            break
        except ClientError as error:
            if left == 0 or error.response["Error"]["Code"] not in CONFLICTS:
                raise
    message_id = event["headers"]["webhook-id"]
    note(shop, message, message_id, now)
    print(json.dumps({"level": "INFO", "message": "Message recorded", "shop": shop}), flush=True)
    at = datetime.fromtimestamp(now / 1000, timezone.utc).isoformat()
    receipt = {"type": "cart.updated", "id": message_id, "at": at, "cart": message["cart"]}
    return answer(202, {"recorded": [receipt]})


run(handle)
