/**
 * {@code llm-sim}: the timing and the tokens of an LLM server without the LLM, for load tests and
 * rehearsals on machines without a GPU. It says that it is a simulation in each of its answers.
 */
@NullMarked
package io.blockplane.instances.llmsim;

import org.jspecify.annotations.NullMarked;
