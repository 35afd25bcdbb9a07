//! The table itself, for the local runner and the tests. On AWS the template creates it.

use std::time::Duration;

use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification,
};
use cartback::ports::Source;

use super::{DUE_INDEX, DynamoStore};

/// Whether changes of the table are told to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Old and new images, as `publish` wants them.
    Images,
    /// No stream.
    Off,
}

impl DynamoStore {
    /// Creates the table with its index and expiry, and the stream if wanted; does nothing if it
    /// exists already.
    ///
    /// # Errors
    /// Whatever DynamoDB answered.
    pub async fn create_table(&self, stream: Stream) -> Result<(), Source> {
        let mut request = self.table_request()?;
        if stream == Stream::Images {
            let images = StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()?;
            request = request.stream_specification(images);
        }
        let created = request.send().await;
        if let Err(error) = created {
            let error = error.into_service_error();
            if error.is_resource_in_use_exception() {
                return Ok(());
            }
            return Err(error.into());
        }
        self.client
            .wait_until_table_exists()
            .table_name(&self.table)
            .wait(Duration::from_secs(60))
            .await?;
        let expiry = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name("expires_at")
            .build()?;
        self.client
            .update_time_to_live()
            .table_name(&self.table)
            .time_to_live_specification(expiry)
            .send()
            .await?;
        Ok(())
    }

    fn table_request(&self) -> Result<CreateTableFluentBuilder, BuildError> {
        let due = GlobalSecondaryIndex::builder()
            .index_name(DUE_INDEX)
            .key_schema(key("due_shard", KeyType::Hash)?)
            .key_schema(key("due_at", KeyType::Range)?)
            .projection(
                Projection::builder()
                    .projection_type(ProjectionType::KeysOnly)
                    .build(),
            )
            .build()?;
        Ok(self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("pk", ScalarAttributeType::S)?)
            .attribute_definitions(attribute("sk", ScalarAttributeType::S)?)
            .attribute_definitions(attribute("due_shard", ScalarAttributeType::S)?)
            .attribute_definitions(attribute("due_at", ScalarAttributeType::N)?)
            .key_schema(key("pk", KeyType::Hash)?)
            .key_schema(key("sk", KeyType::Range)?)
            .global_secondary_indexes(due))
    }
}

fn attribute(name: &str, kind: ScalarAttributeType) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(kind)
        .build()
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind)
        .build()
}
