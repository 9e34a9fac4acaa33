package labeler.cluster;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.lifecycle.hold.OtherHosts;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Registry;
import labeler.registry.SharedFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other hosts that hold the files of VMs here, as the registry told last. It is there for people to see: nothing is
 * decided by it. Who reads it waits for nobody.
 */
final class OtherHolders {
    private static final Logger LOG = LoggerFactory.getLogger(OtherHolders.class);

    private final SharedRecords records;
    private final HolderEvents events;
    private final InstantSource clock;
    private volatile Optional<Told> last = Optional.empty();

    OtherHolders(SharedRecords records, HolderEvents events, InstantSource clock) {
        this.records = records;
        this.events = events;
        this.clock = clock;
    }

    /**
     * An answer of the registry.
     *
     * @param asked when it was asked: what has changed since is not in it
     * @param hosts of each shared file of this host
     */
    private record Told(Instant asked, Map<SharedFile, Set<HostName>> hosts) {}

    /** Looks at files that it does not know yet: only storages are asked. */
    void learn() {
        records.learn();
    }

    /**
     * Asks the registry. If it does not answer, the last answer stays, and nothing else follows: so many files that their
     * question takes longer than the registry's patience must not keep VMs from starting.
     */
    void ask(Registry registry) {
        Instant asked = clock.instant();
        switch (registry.otherHolders()) {
            case Answer.Given<Map<SharedFile, Set<HostName>>>(Map<SharedFile, Set<HostName>> hosts) -> {
                Optional<Told> before = last;
                last = Optional.of(new Told(asked, Map.copyOf(hosts)));
                before.ifPresent(told -> events.tell(told.hosts(), hosts, records.all()));
            }
            case Answer.Refused<Map<SharedFile, Set<HostName>>> refused ->
                LOG.debug(
                        "who else holds files is not told: {}",
                        refused.refusal().message());
        }
    }

    /** See {@link OtherHosts#elsewhere}. */
    Optional<OtherHosts.Elsewhere> of(FileRecord record) {
        return last.flatMap(told -> records.of(record)
                .flatMap(file -> Optional.ofNullable(told.hosts().get(file)))
                .map(hosts -> new OtherHosts.Elsewhere(
                        told.asked(), hosts.stream().sorted().toList())));
    }
}
