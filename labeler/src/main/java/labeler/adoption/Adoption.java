package labeler.adoption;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.libvirt.DefinedLevels;
import labeler.linux.HostPath;
import labeler.linux.ShellWord;
import labeler.policy.Programs;
import labeler.problem.IoReason;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainEmulator;
import labeler.vm.libvirt.StaticLabel;

/**
 * Changes the emulator in the persistent definition of a domain, and the label of its process if that is wanted, by
 * virsh. A running domain is not touched.
 */
public final class Adoption {
    private static final Predicate<String> IS_PERSISTENT =
            Pattern.compile("Persistent: +yes").asMatchPredicate();

    private static final Predicate<String> HAS_MANAGED_SAVE =
            Pattern.compile("Managed save: +yes").asMatchPredicate();

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
        this.emulator = emulator.toAbsolutePath();
        this.levels = levels;
    }

    /** The result for one domain. */
    public sealed interface Outcome {}

    /**
     * It is as it was wanted.
     *
     * @param emulator in its definition now
     * @param program the qemu that is started in the end
     * @param changed whether it was otherwise before
     * @param running whether the domain runs, under the definition from before
     * @param label the static one in its definition now by which libvirt labels no file
     * @param warnings why its next start is another than the definition says; each one line, with the way out
     */
    public record Done(
            VmName domain,
            HostPath emulator,
            HostPath program,
            boolean changed,
            boolean running,
            Optional<SecurityContext> label,
            List<String> warnings)
            implements Outcome {
        public Done {
            warnings = List.copyOf(warnings);
        }
    }

    /** Nothing has changed: this domain cannot be changed so. One line, with the way out. */
    public record Refused(String message) implements Outcome {}

    /** No label could be chosen, and the definition is as before. One line, with the way out. */
    public record Unlabelled(String message, FreeLabel.Cause cause) implements Outcome {}

    /** virsh or the host could not. The message says whether anything has changed. */
    public record Failed(String message) implements Outcome {}

    /** Nothing has changed: this user may not change it. One line, with the way out. */
    public record NotPermitted(String message) implements Outcome {}

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
            return label.isEmpty() ? define(found, guarded.get(), List.of()) : label(found, guarded.get(), label.get());
        });
    }

    /** Why the emulator cannot be exchanged. */
    private Optional<Outcome> obstacle(Domain found) {
        HostPath present = found.present();
        if (names.program(present).isPresent()) {
            return Optional.empty();
        }
        if (!present.isAbsolute()
                || present.printable().contains("/../")
                || !present.utf8().equals(Optional.of(present.printable()))) {
            return Optional.of(new Refused(
                    found.name() + ": its emulator " + present + " is no path in full; name it so with virsh edit"));
        }
        return Files.isExecutable(emulator)
                ? Optional.empty()
                : Optional.of(new Failed(
                        HostPath.of(emulator) + " is not there: this tree was built without a C compiler; take a"
                                + " package of labeler, or install gcc with its static C library and build again"));
    }

    /** Why the label cannot be written: somebody wants another one. */
    private Optional<Outcome> obstacleToLabel(Domain found) {
        if (found.label().hasLabelsOfFiles()) {
            return Optional.of(
                    new Refused(found.name() + ": its definition chooses the label of a file (seclabel in a device),"
                            + " which libvirt takes only where it labels the domain itself; take that out with virsh edit, or adopt the"
                            + " domain without --label"));
        }
        return switch (found.label().state()) {
            case StaticLabel.None() -> Optional.empty();
            case StaticLabel.Another() ->
                Optional.of(new Refused(found.name() + ": its definition has a label of its own (seclabel), which"
                        + " labeler does not replace; take it out with virsh edit, or adopt it without --label"));
            case StaticLabel.Fixed(SecurityContext context, boolean isOurs) ->
                !isOurs && isKeptTwice(found.name(), context)
                        ? Optional.of(new Refused(found.name() + ": the definition of another domain also keeps the"
                                + " level of its label " + context + "; change one of them with virsh edit"))
                        : Optional.empty();
        };
    }

    private Outcome label(Domain found, byte[] guarded, FreeLabel free) throws IOException {
        Optional<StaticLabel> bare =
                StaticLabel.parse(guarded).flatMap(StaticLabel::without).flatMap(StaticLabel::parse);
        if (bare.isEmpty()) {
            return unchangeable(found.name(), "take out its seclabel and the mark of labeler in its metadata");
        }
        byte[] capabilities = virsh.ask("capabilities").getBytes(StandardCharsets.UTF_8);
        List<String> warnings = StaticLabel.isKnownTo(capabilities)
                ? List.of()
                : List.of(
                        found.name() + ": libvirt has no driver for SELinux here (virsh capabilities), and so starts no"
                                + " domain with such a label; turn SELinux on, and security_driver in /etc/libvirt/qemu.conf, or"
                                + " take the label out again: labeler libvirt release "
                                + ShellWord.last(found.name().value()));
        Optional<SecurityContext> kept = found.label().fixed().filter(fixed -> !isKeptTwice(found.name(), fixed));
        if (kept.isEmpty()) {
            return choose(found, bare.get(), free, warnings);
        }
        Optional<SecurityContext> renewed = renewed(found, kept.get(), bare.get(), free);
        if (renewed.isEmpty()) {
            return define(found, guarded, warnings);
        }
        Optional<byte[]> labelled = bare.get().with(renewed.get());
        return labelled.isEmpty()
                ? unchangeable(found.name(), "write its seclabel")
                : define(found, labelled.get(), warnings);
    }

    /**
     * The context that a label of labeler's has to have by now, at its level: the type goes with the domain's, which
     * somebody may have changed from kvm to qemu. Empty if it has that, or nobody knows.
     */
    private static Optional<SecurityContext> renewed(
            Domain found, SecurityContext kept, StaticLabel bare, FreeLabel free) {
        boolean isOurs = found.label().state() instanceof StaticLabel.Fixed(SecurityContext _, boolean ours) && ours;
        Optional<Level> level = Level.parse(kept.level());
        if (!isOurs || level.isEmpty()) {
            return Optional.empty();
        }
        return switch (free.of(found.name(), bare.xml())) {
            case FreeLabel.NoneFree _ -> Optional.empty();
            case FreeLabel.Free(SecurityContext label) ->
                Optional.of(label.at(level.get())).filter(now -> !now.equals(kept));
        };
    }

    /**
     * Somebody else may choose the same level at the same time, by virsh edit or on a host that shares the definitions.
     * Each looks after it has written, so one of them sees the other.
     */
    private Outcome choose(Domain found, StaticLabel bare, FreeLabel free, List<String> warnings) throws IOException {
        for (int choice = 0; choice < MOST_CHOICES; choice++) {
            switch (free.of(found.name(), bare.xml())) {
                case FreeLabel.NoneFree(String message, FreeLabel.Cause cause) -> {
                    return leave(found, message, cause);
                }
                case FreeLabel.Free(SecurityContext label) -> {
                    Optional<byte[]> labelled = bare.with(label);
                    if (labelled.isEmpty()) {
                        return unchangeable(found.name(), "write its seclabel");
                    }
                    Outcome outcome = define(found, labelled.get(), warnings);
                    if (!isKeptTwice(found.name(), label)) {
                        return outcome;
                    }
                    found.definition().reread();
                }
            }
        }
        return leave(found, "each level that was free was taken at the same moment; try again", FreeLabel.Cause.IN_USE);
    }

    private static Outcome leave(Domain found, String why, FreeLabel.Cause cause) {
        return new Unlabelled(
                found.name() + ": " + why + "; " + found.definition().takeBack(), cause);
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
                    : define(found, bare.get(), List.of());
        });
    }

    /**
     * A domain as libvirt has it.
     *
     * @param hasManagedSave whether its next start goes on with a state that has a definition of its own
     */
    private record Domain(
            VmName name,
            PersistentDefinition definition,
            DomainEmulator emulator,
            HostPath present,
            StaticLabel label,
            boolean isRunning,
            boolean hasManagedSave) {
        /** With another emulator. */
        Optional<byte[]> with(HostPath other) {
            return other.equals(present) ? Optional.of(label.xml()) : emulator.with(other);
        }
    }

    @FunctionalInterface
    private interface Change {
        Outcome of(Domain found) throws IOException;
    }

    private Outcome change(VmName name, Change change) {
        try (Closeable _ = names.alone()) {
            return changeAlone(name, change);
        } catch (IOException e) {
            String message = name + ": " + IoReason.of(e) + "; nothing has changed";
            return e.getCause() instanceof AccessDeniedException
                    ? new NotPermitted(message + "; run this as root")
                    : new Failed(message);
        }
    }

    private Outcome changeAlone(VmName name, Change change) throws IOException {
        PersistentDefinition definition = PersistentDefinition.read(virsh, name);
        Optional<DomainEmulator> emulator = DomainEmulator.parse(definition.xml());
        Optional<HostPath> present =
                emulator.flatMap(found -> HostPath.parse(found.path().getBytes(StandardCharsets.UTF_8)));
        Optional<StaticLabel> label = StaticLabel.parse(definition.xml());
        if (emulator.isEmpty() || present.isEmpty() || label.isEmpty()) {
            return new Refused(name + ": its definition names no emulator; set one with virsh edit");
        }
        // virsh takes a number for a domain's id before it takes it for a name.
        if (!emulator.get().domain().equals(name.value())) {
            return new Refused(name + ": virsh finds the domain "
                    + emulator.get().domain() + " by that; give the domain a name that is no number");
        }
        List<String> information =
                virsh.ask("dominfo", "--domain", name.value()).lines().toList();
        if (information.stream().noneMatch(IS_PERSISTENT)) {
            return new Refused(name + ": it is transient and has no definition to change; define it first");
        }
        // All is asked before anything is written.
        boolean isRunning =
                !virsh.ask("domstate", "--domain", name.value()).strip().equals("shut off");
        boolean hasManagedSave = information.stream().anyMatch(HAS_MANAGED_SAVE);
        try {
            return change.of(new Domain(
                    name, definition, emulator.get(), present.get(), label.get(), isRunning, hasManagedSave));
        } catch (PersistentDefinition.Changed e) {
            return new Refused(name + ": " + e.getMessage());
        } catch (IOException e) {
            return new Failed(name + ": " + IoReason.of(e) + "; " + definition.takeBack());
        }
    }

    private static Outcome unchangeable(VmName domain, String wayOut) {
        return new Refused(
                domain + ": its definition cannot be changed in that one place; " + wayOut + " with virsh edit");
    }

    private Outcome define(Domain found, byte[] wanted, List<String> warnings) throws IOException {
        boolean changed = !Arrays.equals(found.definition().xml(), wanted);
        if (changed) {
            found.definition().write(wanted);
        }
        HostPath present = DomainEmulator.parse(wanted)
                .flatMap(domain -> HostPath.parse(domain.path().getBytes(StandardCharsets.UTF_8)))
                .orElse(found.present());
        return new Done(
                found.name(),
                present,
                names.program(present).orElse(present),
                changed,
                found.isRunning(),
                StaticLabel.parse(wanted).flatMap(StaticLabel::fixed),
                changed && found.hasManagedSave() ? and(warnings, savedAs(found.name())) : warnings);
    }

    private static List<String> and(List<String> warnings, String one) {
        return Stream.concat(warnings.stream(), Stream.of(one)).toList();
    }

    private static String savedAs(VmName name) {
        return name
                + ": it has a managed save, and its next start goes on with the emulator and the label in that; start"
                + " it and shut it down once, or discard the saved state: virsh managedsave-remove "
                + ShellWord.last(name.value());
    }
}
