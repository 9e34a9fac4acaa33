package labeler.guard.sense;

import java.util.Optional;
import java.util.Set;
import labeler.guard.relay.Command;

/**
 * Commands that free another one which hangs, so that they must not wait for it: their words alone decide about them. For
 * all threads.
 */
public record UrgentCommands(NameRules names, ForbiddenCommands forbidden) {
    private static final String RECOVER = "migrate-recover";
    private static final String ADDRESS = "uri";
    private static final String SOCKET = "unix:";

    /** Whether it is one. A migration that goes on by a descriptor is not: whether a client has given it is told later. */
    public boolean has(Command command) {
        return switch (command.name()) {
            case ForbiddenCommands.YANK -> true;
            case RECOVER -> {
                String address = command.arguments().text(ADDRESS).orElse("");
                yield command.arguments().members().keySet().equals(Set.of(ADDRESS))
                        && (NameRules.isOfNetwork(address) || address.startsWith(SOCKET));
            }
            default -> false;
        };
    }

    /** Why one of them may not be sent. */
    public Optional<Objection> objection(Command command) {
        if (command.name().equals(ForbiddenCommands.YANK)) {
            return forbidden.yank(command);
        }
        String address = command.arguments().text(ADDRESS).orElse("");
        return address.startsWith(SOCKET)
                        && names.socket(address.substring(SOCKET.length())) instanceof NameRules.Bad(Objection why)
                ? Optional.of(why)
                : Optional.empty();
    }
}
