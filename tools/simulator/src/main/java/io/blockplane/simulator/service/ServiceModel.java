package io.blockplane.simulator.service;

import io.blockplane.simulator.workload.Request;

/** What stands for a block's instances. */
public interface ServiceModel {

    /** What it is and how well it fits, for people. */
    String description();

    /**
     * A fresh instance.
     *
     * @param ordinal counts the instances of a run from 1
     * @param seed of the run
     */
    Server server(int ordinal, long seed);

    /** How much of an instance's time a request takes, seconds: for estimates of demand only. */
    double workSeconds(Request request);
}
