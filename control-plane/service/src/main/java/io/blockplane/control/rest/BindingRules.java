package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.control.policies.PolicyRegistry;
import io.blockplane.events.BlockSpec.PolicyBinding;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** What a policy must be to be given to a block. Thread safe. */
final class BindingRules {

    static final String URI_EXPECTED = "the uri of a registered policy";

    private final PolicyRegistry registry;
    private final Set<String> builtIn;

    /** Held for reading while a command names policies, for writing while one is deleted. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    BindingRules(PolicyRegistry registry, Set<String> builtIn) {
        this.registry = registry;
        this.builtIn = Set.copyOf(builtIn);
    }

    /** A command whose policies can't be deleted while it is given. */
    interface Use<T> {
        T run() throws InterruptedException;
    }

    /** Runs it while no policy is deleted. */
    <T> T whileInUse(Use<T> body) throws InterruptedException {
        use.readLock().lockInterruptibly();
        try {
            return body.run();
        } finally {
            use.readLock().unlock();
        }
    }

    /** Runs it while no policy is given to a block. */
    <T> T whileUnused(Use<T> body) throws InterruptedException {
        use.writeLock().lockInterruptibly();
        try {
            return body.run();
        } finally {
            use.writeLock().unlock();
        }
    }

    /**
     * Refuses what may not be given to a block.
     *
     * @param name of what it decides
     * @param uriField the path of the uri in the request
     */
    void require(String name, PolicyBinding binding, String uriField) {
        String uri = binding.policyUri();
        if (!builtIn.contains(uri) && registry.policy(uri).isEmpty()) {
            throw Problem.invalid(uriField, TextNode.valueOf(uri), URI_EXPECTED).refused();
        }
    }
}
