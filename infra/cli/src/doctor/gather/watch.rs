//! What wakes the stages, and what watches them.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricAlarm, StateValue, Statistic};
use aws_sdk_scheduler::types::ScheduleState;
use aws_types::SdkConfig;
use cartback::part::Part;
use cartback::stage::Stage;
use jiff::{SignedDuration, Timestamp};

use super::super::facts::{Alarm, Schedule, Seen, Topic};
use super::unseen;

/// How far back the last sweep is looked for.
const SWEEP_SPAN: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn schedules(sdk: &SdkConfig, stack: &str) -> Seen<Vec<Schedule>> {
    let client = aws_sdk_scheduler::Client::new(sdk);
    let request = client.list_schedules().name_prefix(format!("{stack}-"));
    let found = request.into_paginator().items().send();
    let found: Result<Vec<_>, _> = found.collect().await;
    let found = found.map_err(|error| unseen(&error))?;
    let mut schedules = Vec::new();
    for schedule in &found {
        let name = schedule.name().unwrap_or_default().to_owned();
        let request = client.get_schedule().name(&name).send();
        let answer = request.await.map_err(|error| unseen(&error))?;
        let input = answer.target().and_then(|target| target.input());
        schedules.push(Schedule {
            name,
            is_on: schedule.state() == Some(&ScheduleState::Enabled),
            parts: input.and_then(parts),
        });
    }
    Ok(schedules)
}

/// How many parts a stage has, by the tick that a schedule sends it.
fn parts(tick: &str) -> Option<u16> {
    serde_json::from_str(tick).ok().map(Part::parts)
}

/// When each stage last swept, by the metric that every sweep tells.
pub(super) async fn sweeps(
    sdk: &SdkConfig,
    now: Timestamp,
) -> Seen<Vec<(Stage, Option<Timestamp>)>> {
    let client = aws_sdk_cloudwatch::Client::new(sdk);
    let mut sweeps = Vec::new();
    for stage in Stage::ALL {
        let dimension = Dimension::builder().name("stage").value(stage.name());
        let request = client
            .get_metric_statistics()
            .namespace("Cartback")
            .metric_name("overdue_seconds")
            .dimensions(dimension.build())
            .start_time(DateTime::from_secs((now - SWEEP_SPAN).as_second()))
            .end_time(DateTime::from_secs(now.as_second() + 60))
            .period(60)
            .statistics(Statistic::SampleCount);
        let answer = request.send().await.map_err(|error| unseen(&error))?;
        let times = answer.datapoints().iter();
        let last = times.filter_map(|point| point.timestamp()).max();
        let last = last.and_then(|at| Timestamp::from_second(at.secs()).ok());
        sweeps.push((stage, last));
    }
    Ok(sweeps)
}

/// The stack's alarms, and the topics that they are told to.
pub(super) async fn alarms(sdk: &SdkConfig, stack: &str) -> Seen<(Vec<Alarm>, BTreeSet<String>)> {
    let client = aws_sdk_cloudwatch::Client::new(sdk);
    let request = client
        .describe_alarms()
        .alarm_name_prefix(format!("{stack}-"));
    let pages: Result<Vec<_>, _> = request.into_paginator().send().collect().await;
    let pages = pages.map_err(|error| unseen(&error))?;
    let found: Vec<&MetricAlarm> = pages.iter().flat_map(|page| page.metric_alarms()).collect();
    let read = |alarm: &&MetricAlarm| Alarm {
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        rings: alarm.state_value() == Some(&StateValue::Alarm),
        is_told: alarm.actions_enabled() == Some(true) && !alarm.alarm_actions().is_empty(),
    };
    let actions = found.iter().flat_map(|alarm| alarm.alarm_actions());
    let topics = actions.filter(|action| action.contains(":sns:")).cloned();
    Ok((found.iter().map(read).collect(), topics.collect()))
}

pub(super) async fn topics(sdk: &SdkConfig, arns: &BTreeSet<String>) -> Seen<Vec<Topic>> {
    let client = aws_sdk_sns::Client::new(sdk);
    let mut topics = Vec::new();
    for arn in arns {
        let request = client.list_subscriptions_by_topic().topic_arn(arn);
        let found: Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
        let found = found.map_err(|error| unseen(&error))?;
        // Instead of its ARN, a subscription that nobody has confirmed has a word such as `PendingConfirmation`.
        let is_confirmed = |subscription: &&aws_sdk_sns::types::Subscription| {
            let arn = subscription.subscription_arn();
            arn.is_some_and(|arn| arn.starts_with("arn:"))
        };
        let n_confirmed = found.iter().filter(is_confirmed).count();
        topics.push(Topic {
            arn: arn.clone(),
            n_confirmed,
            n_pending: found.len() - n_confirmed,
        });
    }
    Ok(topics)
}
