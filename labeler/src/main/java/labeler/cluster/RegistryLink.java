package labeler.cluster;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Mine;
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
    private final ReentrantLock beginning = new ReentrantLock();
    private volatile boolean isBegun;
    private volatile Optional<Refusal> silent = Optional.empty();

    RegistryLink(HostName host, Registry registry, OwnClaims own, PairReserve reserve) {
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
            return known;
        }
        beginning.lock();
        try {
            // Another VM may have waited for it in between, in vain.
            return silent.isPresent() ? silent : begin();
        } finally {
            beginning.unlock();
        }
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
                case Answer.Given<Mine>(Mine mine) -> {
                    own.begin(mine);
                    reserve.begin(mine);
                    isBegun = true;
                    answered();
                    yield Optional.empty();
                }
                case Answer.Refused<Mine>(Refusal refusal) -> {
                    note(refusal);
                    silent = Optional.of(refusal);
                    yield Optional.of(refusal);
                }
            };
        } finally {
            beginning.unlock();
        }
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
            case Refusal.Unreachable _, Refusal.Denied _ -> {
                if (silent.isEmpty()) {
                    LOG.warn("{}", refusal.message());
                }
                silent = Optional.of(refusal);
            }
            case Refusal.Outdated _, Refusal.NotJoined _ -> {
                LOG.warn("{}", refusal.message());
                isBegun = false;
            }
            case Refusal.NotUnderstood _ -> LOG.warn("{}", refusal.message());
            case Refusal.PairTaken _,
                    Refusal.NoFreePair _,
                    Refusal.InUse _,
                    Refusal.Busy _,
                    Refusal.VmOnRecord _,
                    Refusal.NoSuchVm _,
                    Refusal.StillHolds _,
                    Refusal.NotMoving _,
                    Refusal.NotFenced _,
                    Refusal.HostHolds _,
                    Refusal.AnotherStorage _ -> {}
        }
    }
}
