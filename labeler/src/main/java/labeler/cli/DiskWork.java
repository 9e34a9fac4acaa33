package labeler.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Optional;
import labeler.api.ApiJson;
import labeler.api.ExitCode;
import labeler.cli.option.Converters;
import labeler.client.PercentEncoding;
import labeler.client.ServiceClient;
import labeler.disk.DiskSession;
import labeler.disk.Names;
import labeler.disk.Operation;
import labeler.disk.Outcome;
import labeler.host.TerminationSignals;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.RecordJson.Understood;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.linux.ShellWord;
import labeler.qmp.MonitorClient;
import labeler.view.DiskText;
import labeler.view.Terminal;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * An operation on a disk through the guarded monitor of its VM: the arguments that several words have, the way to the
 * socket, and the run.
 *
 * @param monitor a socket that the person has named
 */
record DiskWork(Surroundings surroundings, ServiceOptions service, Optional<HostPath> monitor) {
    private Terminal terminal() {
        return surroundings.terminal();
    }

    /**
     * Does it, and shows the result.
     *
     * @param made a file that the operation makes, in full
     * @return the exit code
     */
    int run(Place at, Optional<HostPath> made, Operation operation, boolean isWaiting) {
        if (made.isPresent() && isFull(made.get())) {
            terminal()
                    .complain(made.get() + ": exists already, and its content would be lost; name a new file, or remove"
                            + " that one");
            return ExitCode.REFUSED;
        }
        return switch (guard(at.name())) {
            case NoGuard(int exitCode) -> exitCode;
            case GuardedSocket(HostPath socket) ->
                switch (MonitorClient.open(socket)) {
                    case MonitorClient.NotOpen(String message) -> {
                        terminal().complain(message);
                        yield ExitCode.NO_SERVICE;
                    }
                    case MonitorClient.Open(MonitorClient monitor) -> {
                        try (monitor) {
                            yield run(monitor, at, operation, isWaiting);
                        }
                    }
                };
        };
    }

    /** Whether a file is there that is not empty. A device never is. */
    private static boolean isFull(HostPath file) {
        try {
            Path path = file.jdkPath();
            return Files.isRegularFile(path) && Files.size(path) > 0;
        } catch (IOException e) {
            // This user may not see it. The one who makes the file says more.
            return false;
        }
    }

    private sealed interface Guard {}

    private record GuardedSocket(HostPath socket) implements Guard {}

    private record NoGuard(int exitCode) implements Guard {}

    /** The guarded socket of a VM, by the word of the service, unless one is named. */
    private Guard guard(VmName name) {
        if (monitor.isPresent()) {
            return new GuardedSocket(monitor.get());
        }
        Reply reply = service.get(surroundings, "/v1/vms/" + PercentEncoding.encode(name.value()));
        if (reply.outcome() instanceof ServiceClient.Answered answer
                && answer.succeeded()
                && new JsonReader().read(answer.body()) instanceof JsonReader.Value(JsonObject whole)
                && ApiJson.readAnswer(VmView.class, whole) instanceof Understood<VmView>(VmView vm)) {
            if (vm.monitor().isPresent()) {
                return new GuardedSocket(HostPath.of(vm.monitor().get()));
            }
            terminal()
                    .complain("VM " + name + " has no guard; labeler guard attach --qmp PATH "
                            + ShellWord.last(name.value()) + " puts one before its monitor");
            return new NoGuard(ExitCode.FAILED);
        }
        return new NoGuard(reply.show(VmView.class, _ -> {}));
    }

    private int run(MonitorClient monitor, Place at, Operation operation, boolean isWaiting) {
        DiskText text = new DiskText(
                terminal(),
                at.name().value(),
                at.disk(),
                operation.word(),
                !service.form().isForPeople());
        try (TerminationSignals signals = TerminationSignals.taken(exitCode -> leave(text, exitCode))) {
            DiskSession session = new DiskSession(
                    monitor, signals::isRaised, progress -> text.progress(progress, signals.isRaised()), text::started);
            Outcome outcome = session.run(operation, at.disk(), Names.random(new SecureRandom()), isWaiting);
            text.result(outcome);
            return switch (outcome.kind()) {
                case DONE, STARTED -> ExitCode.DONE;
                case REFUSED -> ExitCode.REFUSED;
                case CONFLICT -> ExitCode.CONFLICT;
                case FAILED, UNKNOWN -> ExitCode.FAILED;
                case CANCELLED -> signals.exitCode();
            };
        }
    }

    /** Ends at once: the other thread may wait for qemu. */
    private void leave(DiskText text, int exitCode) {
        terminal().progress("");
        terminal().complain(text.left());
        Runtime.getRuntime().halt(exitCode);
    }

    /** The VM, and one of its disks. */
    static final class Place {
        @Parameters(index = "0", paramLabel = "NAME", converter = Converters.OfVmName.class, description = "The VM.")
        private @Nullable VmName name;

        @Parameters(
                index = "1",
                paramLabel = "DISK",
                converter = Converters.OfQmpText.class,
                description = "By the id of its device or drive, its place in qemu's tree, or its uppermost node.")
        private @Nullable String disk;

        VmName name() {
            return Objects.requireNonNull(name);
        }

        String disk() {
            return Objects.requireNonNull(disk);
        }
    }

    /** How a job runs. */
    static final class Job {
        @Option(
                names = "--speed",
                paramLabel = "BYTES",
                defaultValue = "0",
                converter = Converters.OfByteRate.class,
                description = "At most so many bytes a second; K, M, G behind the number for 1024, 1024^2, 1024^3. No"
                        + " limit by default.")
        private long speed;

        @Option(
                names = "--no-wait",
                description = "Start the job, print its id, and do not wait for it. QMP's query-jobs, job-cancel and"
                        + " job-complete are for it then.")
        private boolean isLeft;

        long speed() {
            return speed;
        }

        boolean isWaiting() {
            return !isLeft;
        }
    }

    /** The image that a disk has after its copy. */
    static final class Pivot {
        @Option(names = "--pivot", description = "The disk is the copy at the end; so by default.")
        private boolean isPivot;

        @Option(
                names = "--no-pivot",
                description = "The disk stays as it is. The copy has what the disk had at the end of the job.")
        private boolean isCopy;

        static boolean isWanted(@Nullable Pivot pivot) {
            return pivot == null || pivot.isPivot || !pivot.isCopy;
        }
    }

    /** The part of the disk that is copied. */
    static final class Scope {
        @Option(names = "--full", description = "Copy everything; so by default.")
        private boolean isFull;

        @Option(
                names = "--incremental",
                paramLabel = "BITMAP",
                converter = Converters.OfQmpText.class,
                description =
                        "Copy only what this dirty bitmap of the disk's node has marked, and clear it at the end.")
        private @Nullable String bitmap;

        static Optional<String> bitmap(@Nullable Scope scope) {
            return Optional.ofNullable(scope)
                    .filter(chosen -> !chosen.isFull)
                    .flatMap(chosen -> Optional.ofNullable(chosen.bitmap));
        }
    }
}
