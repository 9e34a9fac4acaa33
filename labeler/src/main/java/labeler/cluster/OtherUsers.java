package labeler.cluster;

import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.config.ClusterConfig;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.Standing;
import labeler.selinux.Level;
import labeler.storage.Place;

/**
 * Whose a label may be that nobody of this host has set, and whether a file is this host's to label. A VM that has moved has
 * its pair on two hosts, and takes files on the one that the other has never heard of. A host that was fenced, and runs all the
 * same, has files on record that another one has by now.
 */
record OtherUsers(RegistryLink link, Upkeep.Places places) {
    /** See {@link labeler.lifecycle.hold.OtherHosts#mayNeed}. */
    Optional<String> mayNeed(OpenedFile file, Level level) {
        return ofShared(file, shared -> mayNeed(shared, level));
    }

    /** See {@link labeler.lifecycle.hold.OtherHosts#notHeld}. */
    Optional<String> notHeld(OpenedFile file) {
        return ofShared(file, this::notHeld);
    }

    /** The obstacle for a file, where other hosts may have it. */
    private Optional<String> ofShared(OpenedFile file, Function<SharedFile, Optional<String>> ask) {
        try {
            return switch (places.mounted().of(file)) {
                case Place.Shared(SharedFile shared, String _) -> ask.apply(shared);
                case Place.Local() -> Optional.empty();
                case Place.Unregistered(String type) ->
                    places.unregistered() == ClusterConfig.Unregistered.REFUSE
                            ? Optional.of("it lies on a shared file system (" + type
                                    + ") that is no registered storage, or whose root is not mounted here; register it,"
                                    + " or set [cluster] unregistered = \"local\"")
                            : Optional.empty();
                case Place.AnotherRoot(var name) ->
                    Optional.of("storage " + name + " is mounted here with another root; mount it as it was");
                case Place.Nameless(var name) ->
                    Optional.of("storage " + name
                            + " has no handle for it that other hosts would know; move it elsewhere when its VM has"
                            + " ended");
                case Place.Unclear(String why) -> Optional.of(why);
            };
        } catch (LinuxException e) {
            return Optional.of(Place.Unclear.because(e) + "; labeler cluster status shows the storages");
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

    private Optional<String> notHeld(SharedFile file) {
        Optional<Refusal> obstacle = link.obstacle();
        if (obstacle.isPresent()) {
            return obstacle.map(OtherUsers::forNow);
        }
        return switch (link.registry().standing(file)) {
            case Answer.Given<Standing>(Standing.Held _) -> Optional.empty();
            case Answer.Given<Standing>(Standing.GivesBack _) -> Optional.of("this host is giving it back");
            case Answer.Given<Standing>(Standing.Nothing(Set<HostName> others)) -> Optional.of(whose(others));
            case Answer.Refused<Standing>(Refusal refusal) -> {
                link.note(refusal);
                yield Optional.of(forNow(refusal));
            }
        };
    }

    /** The label stays as it is now, and nothing is sure to try it again. */
    private static String forNow(Refusal refusal) {
        return refusal.message() + "; run labeler relabel once that is over";
    }

    private static String whose(Set<HostName> others) {
        String hosts = others.stream().sorted().map(HostName::value).collect(Collectors.joining(", "));
        return others.isEmpty()
                ? "the cluster does not know that this host holds it; if that stays so for half a minute, end the VM"
                : "host " + hosts + " has it now, and this host, which was fenced or away, does not; end the VM here";
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
