package io.blockplane.control.policies;

/** What came of deleting a policy version. */
public sealed interface Deletion {

    /** It is deleted; its uri is never given to another one, and its archive stays. */
    record Deleted(String archiveSha256) implements Deletion {}

    /** There is no version of this uri. */
    record Unknown() implements Deletion {}

    /** It could not be put into the log, or it is not known whether it could. */
    record Unwritten(String reason) implements Deletion {}
}
