//! How a domain value is kept in an item: as JSON while that is short, else deflated. A write is paid for
//! by the kilobyte, and a cart of three items deflates from two to one.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use cartback::ports::{ReadError, Source};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// JSON up to this many bytes stays as it is: a person reads it in the table, and it costs one unit.
const SHORT: usize = 400;

/// Beyond zlib's usual level the bytes saved are not worth the time.
const LEVEL: u8 = 6;

/// DynamoDB keeps at most 400 KB in an item; no value of ours deflates by more than a factor of ten.
const LONGEST: usize = 4 << 20;

pub(super) fn pack<T: Serialize>(value: &T) -> Result<AttributeValue, serde_json::Error> {
    let json = serde_json::to_string(value)?;
    if json.len() <= SHORT {
        return Ok(AttributeValue::S(json));
    }
    let deflated = compress_to_vec(json.as_bytes(), LEVEL);
    Ok(AttributeValue::B(Blob::new(deflated)))
}

pub(super) fn unpack<T: DeserializeOwned>(body: &AttributeValue) -> Result<T, ReadError> {
    match body {
        AttributeValue::S(json) => parse(json.as_bytes()),
        AttributeValue::B(deflated) => inflate(deflated.as_ref()),
        _ => Err(corrupt("the body is neither text nor bytes".to_owned())),
    }
}

/// Reads a deflated body, as the table's stream hands it over.
///
/// # Errors
/// [`ReadError::Corrupt`] when the bytes are not what this version of the program writes.
pub fn inflate<T: DeserializeOwned>(deflated: &[u8]) -> Result<T, ReadError> {
    let json = decompress_to_vec_with_limit(deflated, LONGEST)
        .map_err(|error| corrupt(format!("the body cannot be inflated: {:?}", error.status)))?;
    parse(&json)
}

/// Reads a body that is plain JSON, as the table's stream hands it over.
///
/// # Errors
/// [`ReadError::Corrupt`] when the text is not what this version of the program writes.
pub fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, ReadError> {
    // serde's own text may quote the value, and the value may be personal.
    serde_json::from_slice(json).map_err(|error| {
        corrupt(format!(
            "{:?} error at column {}",
            error.classify(),
            error.column()
        ))
    })
}

fn corrupt(fault: String) -> ReadError {
    ReadError::Corrupt(Source::from(fault))
}
