package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.json.Checked;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.lifecycle.StartRequest;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * The body of a start or a plan.
 *
 * @param name of the VM; in a plan only, since a start has it in its URL
 * @param launch who starts qemu; somebody else by default
 */
public record StartBody(
        @LeftOut Optional<VmName> name,
        @Inlined Source source,
        @LeftOut Optional<Level> level,
        @LeftOut Optional<Pid> pid,
        @LeftOut Optional<StartRequest.Launch> launch) {
    /**
     * Where the definition comes from: a libvirt domain XML in its own encoding, or a qemu command line.
     *
     * @param argv with the program's name first
     * @param workingDirectory of the command line
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

    /** The request that it stands for. */
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

    /** Whether the process that asks becomes qemu itself. */
    public boolean isRun() {
        return launch.equals(Optional.of(StartRequest.Launch.RUN));
    }
}
