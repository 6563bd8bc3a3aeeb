package io.blockplane.events.document;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values of one hole in all rows of a table: numbers, or strings, whole numbers and truth
 * values. Equal when all values are of the same type and the same to the bit. Does not change.
 */
public final class Column {

    private final double @Nullable [] numbers;
    private final List<Object> others;

    private Column(double @Nullable [] numbers, List<Object> others) {
        this.numbers = numbers;
        this.others = others;
    }

    /**
     * Of numbers with a fraction.
     *
     * @param values taken as they are, not copied: not to be changed afterwards
     */
    public static Column numbers(double[] values) {
        return new Column(values, List.of());
    }

    /**
     * Of any scalars.
     *
     * @param values each a String, Long, Double or Boolean
     */
    public static Column of(List<? extends Object> values) {
        return new Column(null, List.copyOf(values));
    }

    public int size() {
        return numbers == null ? others.size() : numbers.length;
    }

    /** A String, Long, Double or Boolean. */
    public Object get(int row) {
        return numbers == null ? others.get(row) : (Object) numbers[row];
    }

    /** All of them; a new array. */
    public Object[] toArray() {
        double[] own = numbers;
        if (own == null) {
            return others.toArray();
        }
        Object[] boxed = new Object[own.length];
        for (int i = 0; i < own.length; i++) {
            boxed[i] = own[i];
        }
        return boxed;
    }

    /** The numbers, when there is nothing else; not to be changed. */
    double @Nullable [] numbers() {
        return numbers;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other == this
                || (other instanceof Column column
                        && Arrays.equals(numbers, column.numbers)
                        && others.equals(column.others));
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(numbers), others);
    }

    @Override
    public String toString() {
        return numbers == null ? others.toString() : Arrays.toString(numbers);
    }
}
