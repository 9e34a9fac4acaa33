package labeler.guard.judge;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.guard.record.AuditFile;
import labeler.guard.relay.Command;
import labeler.guard.sense.Meaning;
import labeler.guard.sense.Objection;
import labeler.guard.sense.SettledHolds;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;

/** The preparations before a command is sent. */
sealed interface Prepared {
    /**
     * Nothing has changed.
     *
     * @param files that the command named, or would have used
     */
    record Refused(Objection objection, List<AuditFile> files) implements Prepared {
        public Refused {
            files = List.copyOf(files);
        }

        Refused(Objection objection) {
            this(objection, List.of());
        }

        /** The same, with files that the command named. */
        Refused naming(List<AuditFile> named) {
            Set<HostPath> names = named.stream().map(AuditFile::path).collect(Collectors.toUnmodifiableSet());
            Stream<AuditFile> others = files.stream().filter(file -> !names.contains(file.path()));
            return new Refused(objection, Stream.concat(named.stream(), others).toList());
        }
    }

    /**
     * The command can be sent.
     *
     * @param asked the name of the client's command
     * @param command as qemu gets it
     * @param descriptors that go with it
     * @param taken the files that it got; empty if it needs none
     * @param done how its holds end once qemu has done it
     * @param sets of descriptors that were made for it
     * @param received the file of the descriptor that the client has sent
     */
    record Ready(
            long number,
            String asked,
            Command command,
            List<Descriptor> descriptors,
            Meaning meaning,
            Optional<JoinedFiles> taken,
            SettledHolds.Done done,
            List<Long> sets,
            Optional<HostPath> received)
            implements Prepared {
        /** The same, with other ends of its holds. */
        Ready until(SettledHolds.Done other) {
            return new Ready(number, asked, command, descriptors, meaning, taken, other, sets, received);
        }

        Map<HostPath, ImageFormat> headers() {
            return meaning.headers();
        }
    }
}
