package io.blockplane.windows;

/** The four windows that every measure is given over. */
enum WindowLength {
    CURRENT(10),
    ONE_MINUTE(60),
    FIVE_MINUTES(300),
    FIFTEEN_MINUTES(900);

    private final int seconds;

    WindowLength(int seconds) {
        this.seconds = seconds;
    }

    int seconds() {
        return seconds;
    }
}
