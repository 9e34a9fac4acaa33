package labeler.adoption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import labeler.libvirt.DefinedLevels;
import labeler.linux.HostPath;
import labeler.policy.Programs;
import labeler.problem.IoReason;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainEmulator;
import labeler.vm.libvirt.StaticLabel;

/**
 * Changes the emulator in the persistent definition of a domain, and the label of its process if that is wanted, by
 * virsh. What runs is not touched.
 */
public final class Adoption {
    private static final Predicate<String> IS_PERSISTENT =
            Pattern.compile("Persistent: +yes").asMatchPredicate();

    /** Each time another command has written the same level at the same moment. */
    private static final int MOST_CHOICES = 8;

    private final Programs programs;
    private final Virsh virsh;
    private final EmulatorNames names;
    private final Path emulator;
    private final DefinedLevels levels;

    /**
     * On this host.
     *
     * @param emulator the program that is to stand in qemu's place
     * @param levels what libvirt's definitions keep
     */
    public Adoption(Programs programs, EmulatorNames names, Path emulator, DefinedLevels levels) {
        this.programs = programs;
        this.virsh = new Virsh(programs);
        this.names = names;
        this.emulator = emulator;
        this.levels = levels;
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
     * @param label the static one in its definition now by which libvirt labels no file
     */
    public record Done(
            VmName domain,
            HostPath emulator,
            HostPath program,
            boolean changed,
            boolean running,
            Optional<SecurityContext> label)
            implements Outcome {}

    /** Nothing has changed: this domain cannot be changed so. One line, with the way out. */
    public record Refused(String message) implements Outcome {}

    /** Nothing has changed: virsh or the host could not. */
    public record Failed(String message) implements Outcome {}

    /**
     * From its next start on the domain's monitor is guarded.
     *
     * @param label chooses the label that the definition is to have, by which labeler labels instead of libvirt; without
     *     it the definition's label stays
     */
    public Outcome adopt(VmName domain, Optional<FreeLabel> label) {
        return change(domain, found -> {
            Optional<Outcome> obstacle = obstacle(found).or(() -> label.flatMap(_ -> obstacleToLabel(found)));
            if (obstacle.isPresent()) {
                return obstacle.get();
            }
            HostPath name = names.program(found.present()).isPresent() ? found.present() : names.of(found.present());
            make(name);
            Optional<byte[]> guarded = found.with(name);
            if (guarded.isEmpty()) {
                return unchangeable(domain, "set the emulator " + name);
            }
            boolean isLabelled =
                    found.fixed().filter(fixed -> !isKeptTwice(domain, fixed)).isPresent();
            return label.isEmpty() || isLabelled
                    ? define(found, guarded.get())
                    : label(found, guarded.get(), label.get());
        });
    }

    /** Why the emulator cannot be exchanged. */
    private Optional<Outcome> obstacle(Definition found) {
        HostPath present = found.present();
        if (names.program(present).isPresent()) {
            return Optional.empty();
        }
        if (!present.isAbsolute()
                || present.printable().contains("/../")
                || !present.utf8().equals(Optional.of(present.printable()))) {
            return Optional.of(new Refused(
                    found.domain() + ": its emulator " + present + " is no path in full; name it so with virsh edit"));
        }
        return Files.isExecutable(emulator)
                ? Optional.empty()
                : Optional.of(new Failed(
                        HostPath.of(emulator) + " is not there: this tree was built without a C compiler; take a"
                                + " package of labeler, or install gcc with its static C library and build again"));
    }

    /** Why the label cannot be written: somebody wants another one. */
    private Optional<Outcome> obstacleToLabel(Definition found) {
        return switch (found.label().state()) {
            case StaticLabel.None() -> Optional.empty();
            case StaticLabel.Another() ->
                Optional.of(new Refused(found.domain() + ": its definition has a label of its own (seclabel), which"
                        + " labeler does not replace; take it out with virsh edit, or adopt it without --label"));
            case StaticLabel.Fixed(SecurityContext context, boolean isOurs) ->
                !isOurs && isKeptTwice(found.domain(), context)
                        ? Optional.of(new Refused(found.domain() + ": the definition of another domain keeps the level"
                                + " of its label " + context + ", too; change one of them with virsh edit"))
                        : Optional.empty();
        };
    }

    /** Two commands may choose one level at one time. Each looks after it has written, so one of them sees the other. */
    private Outcome label(Definition found, byte[] guarded, FreeLabel free) throws IOException {
        Optional<StaticLabel> bare =
                StaticLabel.parse(guarded).flatMap(StaticLabel::without).flatMap(StaticLabel::parse);
        if (bare.isEmpty()) {
            return unchangeable(found.domain(), "take out its seclabel and the mark of labeler in its metadata");
        }
        for (int choice = 0; choice < MOST_CHOICES; choice++) {
            switch (free.of(found.domain(), bare.get().xml())) {
                case FreeLabel.NoneFree(String message) -> {
                    return leave(found, choice > 0, message);
                }
                case FreeLabel.Free(SecurityContext label) -> {
                    Optional<byte[]> labelled = bare.get().with(label);
                    if (labelled.isEmpty()) {
                        return unchangeable(found.domain(), "write its seclabel");
                    }
                    Outcome outcome = define(found, labelled.get());
                    if (!isKeptTwice(found.domain(), label)) {
                        return outcome;
                    }
                }
            }
        }
        return leave(found, true, "each level that was free was taken at the same moment; try again");
    }

    private Outcome leave(Definition found, boolean isWritten, String why) throws IOException {
        if (isWritten) {
            write(found.xml());
        }
        return new Refused(found.domain() + ": " + why);
    }

    private boolean isKeptTwice(VmName domain, SecurityContext label) {
        return Level.parse(label.level())
                .filter(level -> levels.now().stream()
                        .anyMatch(other -> !other.domain().equals(domain.value()) && other.keeps(level)))
                .isPresent();
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

    /** From its next start on the domain is libvirt's alone. A label that labeler has not written stays. */
    public Outcome release(VmName domain) {
        return change(domain, found -> {
            HostPath program = names.program(found.present()).orElse(found.present());
            Optional<byte[]> own = found.with(program);
            if (own.isEmpty()) {
                return unchangeable(domain, "set the emulator " + program);
            }
            Optional<byte[]> bare = StaticLabel.parse(own.get()).flatMap(StaticLabel::without);
            return bare.isEmpty()
                    ? unchangeable(domain, "take out its seclabel and the mark of labeler in its metadata")
                    : define(found, bare.get());
        });
    }

    /** A domain as libvirt has it defined. */
    private record Definition(VmName domain, DomainEmulator emulator, HostPath present, StaticLabel label) {
        byte[] xml() {
            return label.xml();
        }

        /** The static label, if it has one by which libvirt labels no file. */
        Optional<SecurityContext> fixed() {
            return label.fixed();
        }

        /** With another emulator. */
        Optional<byte[]> with(HostPath other) {
            return other.equals(present) ? Optional.of(xml()) : emulator.with(other);
        }
    }

    @FunctionalInterface
    private interface Change {
        Outcome of(Definition found) throws IOException;
    }

    private Outcome change(VmName domain, Change change) {
        try {
            byte[] xml = virsh.ask("dumpxml", "--inactive", "--security-info", "--domain", domain.value())
                    .getBytes(StandardCharsets.UTF_8);
            Optional<DomainEmulator> definition = DomainEmulator.parse(xml);
            Optional<HostPath> present =
                    definition.flatMap(found -> HostPath.parse(found.path().getBytes(StandardCharsets.UTF_8)));
            Optional<StaticLabel> label = StaticLabel.parse(xml);
            if (present.isEmpty() || label.isEmpty()) {
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
            return change.of(new Definition(domain, definition.get(), present.get(), label.get()));
        } catch (Virsh.Failed e) {
            return new Failed(domain + ": " + e.getMessage());
        } catch (IOException e) {
            return new Failed(domain + ": " + IoReason.of(e) + "; nothing has changed");
        }
    }

    private static Outcome unchangeable(VmName domain, String wayOut) {
        return new Refused(
                domain + ": its definition cannot be changed in that one place; " + wayOut + " with virsh edit");
    }

    private Outcome define(Definition found, byte[] wanted) throws IOException {
        boolean changed = !Arrays.equals(found.xml(), wanted);
        if (changed) {
            write(wanted);
        }
        HostPath present = DomainEmulator.parse(wanted)
                .flatMap(domain -> HostPath.parse(domain.path().getBytes(StandardCharsets.UTF_8)))
                .orElse(found.present());
        return new Done(
                found.domain(),
                present,
                names.program(present).orElse(present),
                changed,
                isRunning(found.domain()),
                StaticLabel.parse(wanted).flatMap(StaticLabel::fixed));
    }

    private void write(byte[] definition) throws IOException {
        // Of mode 0600: the definition may have secrets.
        Path file = Files.createTempFile("labeler-domain", ".xml");
        try {
            Files.write(file, definition);
            virsh.ask("define", "--file", file.toString());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private boolean isRunning(VmName domain) throws IOException {
        return !virsh.ask("domstate", "--domain", domain.value()).strip().equals("shut off");
    }
}
