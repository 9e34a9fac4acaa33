package labeler.guard.relay;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of the service's memory that the clients of one VM have. Commands that the judge or qemu has are the VM's:
 * they stay when their client leaves. For the loop's thread alone.
 */
final class ClientMemory implements MemoryBudget.Clients {
    private static final Logger LOG = LoggerFactory.getLogger(ClientMemory.class);

    /** For commands that the judge or qemu has. All that managers have under way at once takes some kilobytes. */
    private static final long MOST_UNDER_WAY = 6 << 20;

    /** The part of these for long ones: who sends them leaves room for the short ones of others. */
    private static final long MOST_LONG = 4 << 20;

    private static final long SHORT = 16 << 10;

    private final Collection<ClientConnection> clients;
    private final MemoryBudget.Share share;
    private long underWay;
    private boolean isOver;

    /** @param clients as they are at any time */
    ClientMemory(Collection<ClientConnection> clients, MemoryBudget budget) {
        this.clients = clients;
        this.share = budget.share(this);
    }

    /** Whether this command may not get under way now. */
    boolean isFull(Command command) {
        return underWay >= (command.weight() > SHORT ? MOST_LONG : MOST_UNDER_WAY);
    }

    /** A command gets under way. */
    UnderWay begins(Command command) {
        return new UnderWay(command.weight());
    }

    /** A command that the judge or qemu has. */
    final class UnderWay {
        private long weight;

        private UnderWay(long weight) {
            this.weight = weight;
            underWay += weight;
        }

        /** It is answered, and its effects are settled. */
        void end() {
            underWay -= weight;
            weight = 0;
        }
    }

    void changed() {
        share.changed();
    }

    /** There is no monitor any more: its clients end, and no command is answered. */
    void end() {
        isOver = true;
        changed();
    }

    @Override
    public long weight() {
        return isOver
                ? 0
                : underWay
                        + clients.stream().mapToLong(ClientConnection::weight).sum();
    }

    @Override
    public boolean endHeaviest() {
        Optional<ClientConnection> heaviest = clients.stream()
                .max(Comparator.comparingLong(ClientConnection::weight))
                .filter(client -> client.weight() > 0);
        heaviest.ifPresent(client -> {
            LOG.warn(
                    "a client of a guarded monitor (pid {}) is ended: clients have sent or left unread more than the"
                            + " service keeps, and this one has the most, {} bytes",
                    client.peer().pid(),
                    client.weight());
            client.end();
        });
        return heaviest.isPresent();
    }
}
