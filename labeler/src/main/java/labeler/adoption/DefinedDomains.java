package labeler.adoption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.policy.Programs;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainEmulator;

/** The definitions that libvirt's system daemon has, by virsh. Nothing is changed. */
public final class DefinedDomains {
    private final Virsh virsh;

    public DefinedDomains(Programs programs) {
        this.virsh = new Virsh(programs);
    }

    /**
     * The names of all domains.
     *
     * @param strange those that labeler takes for no VM: too long, or with signs that nobody sees
     */
    public record Names(List<VmName> domains, List<String> strange) {
        public Names {
            domains = List.copyOf(domains);
            strange = List.copyOf(strange);
        }

        /** From the lines that virsh prints. */
        static Names parse(String lines) {
            List<VmName> domains = new ArrayList<>();
            List<String> strange = new ArrayList<>();
            lines.lines()
                    .filter(name -> !name.isEmpty())
                    .forEach(name -> VmName.parse(name).ifPresentOrElse(domains::add, () -> strange.add(name)));
            return new Names(domains, strange);
        }
    }

    /**
     * The names of all domains, running or not.
     *
     * @throws IOException if virsh cannot tell; the message is one line
     */
    public Names names() throws IOException {
        return Names.parse(virsh.ask("list", "--all", "--name"));
    }

    /**
     * The definition with which a domain starts the next time.
     *
     * @throws IOException if virsh cannot tell, or finds another domain by that name; the message is one line
     */
    public byte[] xml(VmName domain) throws IOException {
        byte[] xml = virsh.ask("dumpxml", "--inactive", "--security-info", "--domain", domain.value())
                .getBytes(StandardCharsets.UTF_8);
        Optional<String> found = DomainEmulator.parse(xml).map(DomainEmulator::domain);
        // virsh takes a number for a domain's id before it takes it for a name.
        if (found.isPresent() && !found.get().equals(domain.value())) {
            throw new IOException("virsh finds the domain " + found.get() + " by that; name that one");
        }
        return xml;
    }
}
