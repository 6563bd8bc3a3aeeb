/**
 * How an LLM server spends its time, without the LLM: a service-time model fitted from a table of
 * timings ({@link io.blockplane.llm.ServiceTimes}), and an engine that batches requests by it
 * ({@link io.blockplane.llm.LlmEngine}). Pure: time is a number that the engine hands out, so the
 * same code serves a real-time simulation and a replay of a day in seconds.
 */
@NullMarked
package io.blockplane.llm;

import org.jspecify.annotations.NullMarked;
