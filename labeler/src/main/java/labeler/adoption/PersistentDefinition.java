package labeler.adoption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import labeler.linux.ShellWord;
import labeler.problem.IoReason;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainEmulator;
import labeler.vm.libvirt.StaticLabel;

/**
 * The definition with which a domain starts the next time. Between reading and writing lies a plan, which may take
 * minutes. So it is read again before each writing, and nothing is written over what somebody else has changed.
 */
final class PersistentDefinition {
    private final Virsh virsh;
    private final VmName domain;
    private final byte[] first;

    /** As libvirt has it, as far as this command knows. */
    private byte[] present;

    /** The values libvirt was told to put there, the last one last. A definition that failed may have come through. */
    private final List<List<?>> told = new ArrayList<>();

    private PersistentDefinition(Virsh virsh, VmName domain, byte[] first) {
        this.virsh = virsh;
        this.domain = domain;
        this.first = first;
        this.present = first;
    }

    /** Somebody else has changed it, or taken it away. Nothing was written over that. */
    static final class Changed extends IOException {
        private static final long serialVersionUID = 1;

        Changed() {
            super("somebody else has changed its definition meanwhile; try again");
        }
    }

    /** As it is now. */
    static PersistentDefinition read(Virsh virsh, VmName domain) throws IOException {
        return new PersistentDefinition(virsh, domain, ask(virsh, domain));
    }

    private static byte[] ask(Virsh virsh, VmName domain) throws IOException {
        return virsh.ask("dumpxml", "--inactive", "--security-info", "--domain", domain.value())
                .getBytes(StandardCharsets.UTF_8);
    }

    /** As it was read first. */
    byte[] xml() {
        return first;
    }

    /** Writes another one in its place. */
    void write(byte[] other) throws IOException {
        if (!Arrays.equals(ask(virsh, domain), present)) {
            throw new Changed();
        }
        define(other);
    }

    private void define(byte[] other) throws IOException {
        // With mode 0600: the definition may have secrets.
        Path file = Files.createTempFile("labeler-domain", ".xml");
        try {
            Files.write(file, other);
            told.add(places(other));
            virsh.ask("define", "--file", file.toString());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Takes libvirt's own words for what was written, so that it can be written once more. */
    void reread() throws IOException {
        byte[] now = ask(virsh, domain);
        if (!places(now).equals(told.getLast())) {
            throw new Changed();
        }
        present = now;
    }

    /** The parts that are written here: the emulator and the label. libvirt puts all else into its own form. */
    private static List<?> places(byte[] xml) {
        return List.of(
                DomainEmulator.parse(xml).map(DomainEmulator::path),
                StaticLabel.parse(xml).map(StaticLabel::state));
    }

    /** Puts back what was there first, if anything was written. Says in a few words what is there now. */
    String takeBack() {
        if (told.isEmpty()) {
            return "nothing has changed";
        }
        try {
            byte[] now = ask(virsh, domain);
            if (!Arrays.equals(now, first)) {
                if (!told.contains(places(now))) {
                    throw new Changed();
                }
                define(first);
            }
            return "its definition is as before";
        } catch (IOException e) {
            return "its definition may not be as before (" + IoReason.of(e) + "): look at virsh dumpxml --inactive "
                    + ShellWord.last(domain.value());
        }
    }
}
