package io.blockplane.events;

import com.fasterxml.jackson.annotation.JsonIgnore;

/** Something that stands in the log. The sealed families below are the topics. */
public sealed interface Event
        permits TaskEvent,
                ProbeRecorded,
                WindowClosed,
                PolicyDecided,
                Command,
                BlockEvent,
                PolicyEvent,
                DeadLettered {

    /**
     * What the event is about, and the key of its record: all events of one subject have one total
     * order in their topic. The block id, but for policy versions and dead letters.
     */
    @JsonIgnore
    String subject();
}
