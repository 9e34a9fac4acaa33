package labeler.cluster;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.config.ClusterConfig;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.selinux.Level;
import labeler.storage.Place;

/**
 * Whose a label may be that nobody of this host has set. A VM that has moved has its pair on two hosts, and takes files on the
 * one that the other has never heard of.
 */
record OtherUsers(RegistryLink link, Upkeep.Places places) {
    /** See {@link labeler.lifecycle.hold.OtherHosts#mayNeed}. */
    Optional<String> mayNeed(OpenedFile file, Level level) {
        try {
            return switch (places.mounted().of(file)) {
                case Place.Shared(SharedFile shared, String _) -> mayNeed(shared, level);
                case Place.Local() -> Optional.empty();
                case Place.Unregistered(String type) ->
                    places.unregistered() == ClusterConfig.Unregistered.REFUSE
                            ? Optional.of(
                                    "it lies on a shared file system (" + type + ") that is no registered storage")
                            : Optional.empty();
                case Place.AnotherRoot(var name) ->
                    Optional.of("storage " + name + " is mounted here with another root");
                case Place.Nameless(var name) ->
                    Optional.of("storage " + name + " has no handle for it that other hosts would know");
                case Place.Unclear(String why) -> Optional.of(why);
            };
        } catch (LinuxException e) {
            return Optional.of("on which storage it lies cannot be told (" + e.getMessage() + ")");
        }
    }

    private Optional<String> mayNeed(SharedFile file, Level level) {
        Optional<Refusal> obstacle = link.obstacle();
        if (obstacle.isPresent()) {
            return obstacle.map(Refusal::message);
        }
        return switch (link.registry().otherUsers(file, level.pair())) {
            case Answer.Given<Set<HostName>>(Set<HostName> hosts) -> words(hosts);
            case Answer.Refused<Set<HostName>>(Refusal refusal) -> {
                link.note(refusal);
                yield Optional.of(refusal.message());
            }
        };
    }

    private static Optional<String> words(Set<HostName> hosts) {
        return hosts.isEmpty()
                ? Optional.empty()
                : Optional.of(hosts.stream()
                        .sorted()
                        .map(HostName::value)
                        .collect(Collectors.joining(", ", "it may be needed on host ", "")));
    }
}
