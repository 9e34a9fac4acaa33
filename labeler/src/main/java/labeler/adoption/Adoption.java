package labeler.adoption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import labeler.linux.HostPath;
import labeler.policy.Programs;
import labeler.problem.IoReason;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainEmulator;

/** Changes the emulator in the persistent definition of a domain, by virsh. What runs is not touched. */
public final class Adoption {
    private static final Predicate<String> IS_PERSISTENT =
            Pattern.compile("Persistent: +yes").asMatchPredicate();

    private final Programs programs;
    private final Virsh virsh;
    private final EmulatorNames names;
    private final Path emulator;

    /**
     * On this host.
     *
     * @param emulator the program that is to stand in qemu's place
     */
    public Adoption(Programs programs, EmulatorNames names, Path emulator) {
        this.programs = programs;
        this.virsh = new Virsh(programs);
        this.names = names;
        this.emulator = emulator;
    }

    /** What became of a domain. */
    public sealed interface Outcome {}

    /**
     * It is as it was wanted.
     *
     * @param emulator in its definition now
     * @param program the qemu that is started in the end
     * @param changed whether it was otherwise before
     * @param running whether the domain runs, under the definition from before
     */
    public record Done(VmName domain, HostPath emulator, HostPath program, boolean changed, boolean running)
            implements Outcome {}

    /** Nothing has changed: this domain cannot be changed so. One line, with the way out. */
    public record Refused(String message) implements Outcome {}

    /** Nothing has changed: virsh or the host could not. */
    public record Failed(String message) implements Outcome {}

    /** From its next start on the domain's monitor is guarded. */
    public Outcome adopt(VmName domain) {
        return change(domain, (definition, present) -> {
            Optional<HostPath> program = names.program(present);
            if (program.isPresent()) {
                make(present);
                return unchanged(domain, present, program.get());
            }
            if (!present.isAbsolute()
                    || present.printable().contains("/../")
                    || !present.utf8().equals(Optional.of(present.printable()))) {
                return new Refused(
                        domain + ": its emulator " + present + " is no path in full; name it so with virsh edit");
            }
            if (!Files.isExecutable(emulator)) {
                return new Failed(
                        HostPath.of(emulator) + " is not there: this tree was built without a C compiler; take a"
                                + " package of labeler, or install gcc with its static C library and build again");
            }
            HostPath name = names.of(present);
            make(name);
            return define(domain, definition, name, present);
        });
    }

    /** With the label of the policy: libvirt and the VM's domain may read no other name there. */
    private void make(HostPath name) throws IOException {
        names.make(name, emulator);
        if (programs.isInstalled("restorecon")) {
            Programs.Ended ended = programs.run(
                    List.of("restorecon", "-R", "-F", names.directory().printable()), _ -> {});
            if (ended.exitCode() != 0) {
                throw new IOException("restorecon fails:" + Virsh.oneLine(ended.err()));
            }
        }
    }

    /** From its next start on the domain is libvirt's alone. */
    public Outcome release(VmName domain) {
        return change(domain, (definition, present) -> {
            Optional<HostPath> program = names.program(present);
            return program.isPresent()
                    ? define(domain, definition, program.get(), program.get())
                    : unchanged(domain, present, present);
        });
    }

    @FunctionalInterface
    private interface Change {
        Outcome of(DomainEmulator definition, HostPath present) throws IOException;
    }

    private Outcome change(VmName domain, Change change) {
        try {
            String xml = virsh.ask("dumpxml", "--inactive", "--security-info", "--domain", domain.value());
            Optional<DomainEmulator> definition = DomainEmulator.parse(xml.getBytes(StandardCharsets.UTF_8));
            Optional<HostPath> present =
                    definition.flatMap(found -> HostPath.parse(found.path().getBytes(StandardCharsets.UTF_8)));
            if (present.isEmpty()) {
                return new Refused(domain + ": its definition names no emulator; set one with virsh edit");
            }
            // virsh takes a number for a domain's id before it takes it for a name.
            if (!definition.get().domain().equals(domain.value())) {
                return new Refused(domain + ": virsh finds the domain "
                        + definition.get().domain() + " by that; give the domain a name that is no number");
            }
            if (virsh.ask("dominfo", "--domain", domain.value()).lines().noneMatch(IS_PERSISTENT)) {
                return new Refused(domain + ": it is transient and has no definition to change; define it first");
            }
            return change.of(definition.get(), present.get());
        } catch (Virsh.Failed e) {
            return new Failed(domain + ": " + e.getMessage());
        } catch (IOException e) {
            return new Failed(domain + ": " + IoReason.of(e) + "; nothing has changed");
        }
    }

    private Outcome unchanged(VmName domain, HostPath present, HostPath program) throws IOException {
        return new Done(domain, present, program, false, isRunning(domain));
    }

    private Outcome define(VmName domain, DomainEmulator definition, HostPath wanted, HostPath program)
            throws IOException {
        Optional<byte[]> changed = definition.with(wanted);
        if (changed.isEmpty()) {
            return new Refused(domain + ": its definition cannot be changed in that one place; set the emulator "
                    + wanted + " with virsh edit");
        }
        // Of mode 0600: the definition may have secrets.
        Path file = Files.createTempFile("labeler-domain", ".xml");
        try {
            Files.write(file, changed.get());
            virsh.ask("define", "--file", file.toString());
        } finally {
            Files.deleteIfExists(file);
        }
        return new Done(domain, wanted, program, true, isRunning(domain));
    }

    private boolean isRunning(VmName domain) throws IOException {
        return !virsh.ask("domstate", "--domain", domain.value()).strip().equals("shut off");
    }
}
