package io.blockplane.replay;

import io.blockplane.events.Json;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.format.PolicyArchive;

/**
 * A policy that has not decided anything yet.
 *
 * @param uri what it is called
 * @param parameters on top of the recorded ones
 * @param settings on top of the recorded ones
 * @param schemas of its registry entry
 */
public record Candidate(
        String uri,
        PolicyArchive archive,
        Json parameters,
        Json settings,
        PolicyAssignment.Schemas schemas) {}
