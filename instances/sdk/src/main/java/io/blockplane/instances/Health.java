package io.blockplane.instances;

/**
 * How an instance says it is.
 *
 * @param status {@code healthy}, or a word for what is wrong
 */
public record Health(String status) {

    public static final Health HEALTHY = new Health("healthy");
}
