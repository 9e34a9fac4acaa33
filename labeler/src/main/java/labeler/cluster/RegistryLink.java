package labeler.cluster;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Mine;
import labeler.registry.Rebuild;
import labeler.registry.Refusal;
import labeler.registry.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way to the registry: whether it answers, and whether this service may speak for its host. */
final class RegistryLink {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryLink.class);

    private final HostName host;
    private final Registry registry;
    private final OwnClaims own;
    private final PairReserve reserve;
    private final Supplier<Answer<Optional<Rebuild>>> rebuilds;
    private final ReentrantLock beginning = new ReentrantLock();
    private volatile boolean isBegun;
    private volatile Optional<Rebuild> rebuild = Optional.empty();
    private final AtomicLong beginnings = new AtomicLong();
    private volatile Optional<Refusal> silent = Optional.empty();

    /** @param rebuilds asks the registry whether it is being filled again */
    RegistryLink(
            HostName host,
            Registry registry,
            OwnClaims own,
            PairReserve reserve,
            Supplier<Answer<Optional<Rebuild>>> rebuilds) {
        this.rebuilds = rebuilds;
        this.host = host;
        this.registry = registry;
        this.own = own;
        this.reserve = reserve;
    }

    /** This host. */
    HostName host() {
        return host;
    }

    Registry registry() {
        return registry;
    }

    boolean isReachable() {
        return isBegun && silent.isEmpty();
    }

    /** Why nothing can be asked now. Nobody waits twice for a registry that does not answer. */
    Optional<Refusal> obstacle() {
        Optional<Refusal> known = silent;
        if (known.isPresent() || isBegun) {
            return known.or(this::awaited);
        }
        beginning.lock();
        try {
            // Another VM may have waited for it in between, in vain.
            return silent.isPresent() ? silent : begin().or(this::awaited);
        } finally {
            beginning.unlock();
        }
    }

    /** The hosts that have to tell first what they hold. */
    Optional<Refusal> awaited() {
        return rebuild.filter(one -> !one.isOver()).map(one -> new Refusal.Rebuilding(one.missing()));
    }

    Optional<Rebuild> rebuild() {
        return rebuild;
    }

    /** Asks again whether all hosts have told, and whether others have begun to: then this host looks at its own anew. */
    void lookForRebuild() {
        if (rebuilds.get() instanceof Answer.Given<Optional<Rebuild>>(Optional<Rebuild> now)) {
            boolean wasAwaited = awaited().isPresent();
            boolean isNew = now.isPresent()
                    && rebuild.filter(one -> one.id().equals(now.get().id())).isEmpty();
            if (isNew) {
                LOG.info("the registry is filled again, and this host tells it what it holds");
                isBegun = false;
            }
            // Afterwards, so that nobody tells for the new one what was looked at before it.
            rebuild = now;
            if (!isNew && wasAwaited && awaited().isEmpty()) {
                LOG.info("every host has told the registry what it holds");
            }
        }
    }

    /** How often this service has looked at all that stands under its host's name. */
    long beginnings() {
        return beginnings.get();
    }

    /** Looks at all that stands under this host's name, if that was not done; answers why that failed. */
    Optional<Refusal> begin() {
        beginning.lock();
        try {
            if (isBegun) {
                return Optional.empty();
            }
            own.asksForAll();
            return switch (registry.mine()) {
                case Answer.Given<Mine>(Mine mine) ->
                    switch (rebuilds.get()) {
                        case Answer.Given<Optional<Rebuild>>(Optional<Rebuild> now) -> begun(mine, now);
                        case Answer.Refused<Optional<Rebuild>>(Refusal refusal) -> notBegun(refusal);
                    };
                case Answer.Refused<Mine>(Refusal refusal) -> notBegun(refusal);
            };
        } finally {
            beginning.unlock();
        }
    }

    private Optional<Refusal> begun(Mine mine, Optional<Rebuild> now) {
        // Before anything that goes back is known: while the registry is filled again, nothing does.
        rebuild = now;
        own.begin(mine);
        reserve.begin(mine);
        isBegun = true;
        long _ = beginnings.incrementAndGet();
        answered();
        return Optional.empty();
    }

    private Optional<Refusal> notBegun(Refusal refusal) {
        note(refusal);
        silent = Optional.of(refusal);
        return silent;
    }

    void answered() {
        if (silent.isPresent()) {
            LOG.info("the cluster's registry answers again");
        }
        silent = Optional.empty();
    }

    /** Draws the consequences of a refusal. Most of them are everyday answers. */
    void note(Refusal refusal) {
        switch (refusal) {
            case Refusal.Silent _ -> {
                if (silent.isEmpty()) {
                    LOG.warn("{}", refusal.message());
                }
                silent = Optional.of(refusal);
            }
            case Refusal.ShutOut _ -> {
                if (!silent.equals(Optional.of(refusal))) {
                    LOG.warn("{}", refusal.message());
                }
                isBegun = false;
            }
            case Refusal.NotUnderstood _ -> LOG.warn("{}", refusal.message());
            case Refusal.Conflict _, Refusal.Unmet _ -> {}
        }
    }
}
