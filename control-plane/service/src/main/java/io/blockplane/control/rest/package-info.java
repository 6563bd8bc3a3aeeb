/**
 * The management API over HTTP. Vert.x carries bytes and nothing more: each request becomes a
 * {@link io.blockplane.control.rest.Request}, is answered on a virtual thread, and its {@link
 * io.blockplane.control.rest.Response} goes back. A bad request is thrown as a {@link
 * io.blockplane.control.rest.Problem.Refused} while it is read, and caught in one place.
 */
@NullMarked
package io.blockplane.control.rest;

import org.jspecify.annotations.NullMarked;
