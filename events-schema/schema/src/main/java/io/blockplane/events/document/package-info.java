/**
 * JSON values in parts: a shape that stays the same and the values that fill it. What is made again
 * and again with other numbers in it can so be written, hashed and handed over without its names.
 */
@NullMarked
package io.blockplane.events.document;

import org.jspecify.annotations.NullMarked;
