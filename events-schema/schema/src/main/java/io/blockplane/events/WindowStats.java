package io.blockplane.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What is measured over the rolling windows. Names are those that AIOSv1 policies read; where the
 * name has no unit in it, the unit is here.
 *
 * @param tasksProcessed tasks that ended, a count
 * @param fps tasks that ended, per second
 * @param errors tasks that failed or expired, a count
 * @param latency mean time from acceptance to end, seconds
 * @param latencyP50 quantiles of it, seconds, within 1/32 of the value
 * @param queueTime mean time from acceptance to an instance, seconds
 * @param inferenceDuration mean time inside the instance, seconds
 * @param inputTokensPerMinute tokens read in the window divided by the window's minutes
 * @param outputTokensPerMinute tokens written in the window divided by the window's minutes
 * @param queueLength mean over the ticks in the window of tasks with the instance (block: and not
 *     yet with one)
 */
public record WindowStats(
        @JsonProperty("tasks_processed") Rolling tasksProcessed,
        @JsonProperty("fps") Rolling fps,
        @JsonProperty("errors") Rolling errors,
        @JsonProperty("latency") Rolling latency,
        @JsonProperty("latency_p50") Rolling latencyP50,
        @JsonProperty("latency_p95") Rolling latencyP95,
        @JsonProperty("latency_p99") Rolling latencyP99,
        @JsonProperty("queue_time") Rolling queueTime,
        @JsonProperty("llm_inference_duration_rolling") Rolling inferenceDuration,
        @JsonProperty("llm_input_tokens_per_minute_rolling") Rolling inputTokensPerMinute,
        @JsonProperty("llm_output_tokens_per_minute_rolling") Rolling outputTokensPerMinute,
        @JsonProperty("queue_length") Rolling queueLength) {

    /**
     * One measure over four windows that end at the same instant.
     *
     * @param current the last 10 s
     * @param average1m the last 60 s
     * @param average5m the last 300 s
     * @param average15m the last 900 s
     */
    public record Rolling(
            @JsonProperty("current") double current,
            @JsonProperty("average_1m") double average1m,
            @JsonProperty("average_5m") double average5m,
            @JsonProperty("average_15m") double average15m) {}
}
