package labeler.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import labeler.json.Checked;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Result;
import labeler.json.RecordJson.Understood;
import labeler.lifecycle.StartRequest;
import labeler.linux.HostPath;
import labeler.linux.KernelText;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * The body of a start or a plan.
 *
 * @param name the VM's name; in a plan only, since a start has it in its URL
 * @param launch who starts qemu; by default not labeler
 */
public record StartBody(
        @LeftOut Optional<VmName> name,
        @Inlined Source source,
        @LeftOut Optional<Level> level,
        @LeftOut Optional<Pid> pid,
        @LeftOut Optional<StartRequest.Launch> launch) {
    /** The number of parts before the arguments of a command line in bytes. */
    private static final int HEAD = 2;

    /**
     * The source of the definition: a libvirt domain XML in its own encoding, or a qemu command line.
     *
     * @param argv with the program's name first
     * @param workingDirectory the start of the command line's relative paths
     */
    public record Source(
            @LeftOut Optional<byte[]> domainXml,
            @LeftOut List<byte[]> argv,
            @LeftOut Optional<byte[]> workingDirectory) implements Checked {
        public Source {
            argv = List.copyOf(argv);
        }

        public static Source domainXml(byte[] xml) {
            return new Source(Optional.of(xml), List.of(), Optional.empty());
        }

        public static Source commandLine(List<byte[]> argv, HostPath directory) {
            return new Source(Optional.empty(), argv, Optional.of(directory.bytes()));
        }

        @Override
        public Optional<String> fault() {
            if (domainXml.isPresent() != argv.isEmpty()) {
                return Optional.of("exactly one of \"domainXml\" and \"argv\" must be there");
            }
            return argv.isEmpty() || directory().filter(HostPath::isAbsolute).isPresent()
                    ? Optional.empty()
                    : Optional.of("\"workingDirectory\" must be there beside \"argv\", and absolute");
        }

        private Optional<HostPath> directory() {
            return workingDirectory.flatMap(HostPath::parse);
        }
    }

    /**
     * A qemu command line in its own bytes, for a client that cannot write JSON: the number of arguments, the working
     * directory, and the arguments, each with a NUL at its end. The number tells a body that was cut off.
     */
    public static Result<StartBody> ofCommandLine(byte[] body) {
        List<byte[]> parts = KernelText.strings(body);
        boolean isWhole = parts.size() > HEAD
                && body[body.length - 1] == 0
                && Arrays.equals(
                        parts.getFirst(), String.valueOf(parts.size() - HEAD).getBytes(StandardCharsets.US_ASCII));
        Optional<HostPath> directory = Optional.of(parts)
                .filter(_ -> isWhole)
                .flatMap(all -> HostPath.parse(all.get(1)))
                .filter(HostPath::isAbsolute);
        if (directory.isEmpty()) {
            return new NotUnderstood<>(
                    "the body must be the number of arguments, an absolute working directory and the arguments");
        }
        return new Understood<>(new StartBody(
                Optional.empty(),
                Source.commandLine(parts.subList(HEAD, parts.size()), directory.get()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    /** The request that this body stands for. */
    public StartRequest request(VmName vmName, Definitions definitions, StartRequest.Owner owner) {
        Optional<QemuCommandLine> line = source.domainXml.isPresent()
                ? Optional.empty()
                : source.directory().map(directory -> definitions.commandLine(source.argv, directory));
        return new StartRequest(
                vmName,
                line.map(QemuCommandLine::definition)
                        .orElseGet(() -> definitions.domainXml(source.domainXml.orElseThrow())),
                line,
                level,
                pid,
                owner,
                launch.orElse(StartRequest.Launch.ELSEWHERE));
    }

    /** Whether the asking process becomes qemu. */
    public boolean isRun() {
        return launch.equals(Optional.of(StartRequest.Launch.RUN));
    }
}
