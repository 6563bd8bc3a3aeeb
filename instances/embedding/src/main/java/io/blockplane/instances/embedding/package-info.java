/**
 * An instance that turns texts into vectors with a real model on the CPU: all-MiniLM-L6-v2, run by
 * ONNX Runtime; model, tokenizer and runtime come as Maven artifacts, nothing is downloaded. Input
 * and output are JSON in the packet's data, see {@link
 * io.blockplane.instances.embedding.EmbeddingInstance}.
 */
@NullMarked
package io.blockplane.instances.embedding;

import org.jspecify.annotations.NullMarked;
