package labeler.vm.libvirt;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The security models by which libvirt labels on a host, as its capabilities say.
 *
 * @param names of the drivers in use: {@code selinux}, {@code dac}
 */
public record SecurityModels(Set<String> names) {
    public SecurityModels {
        names = Set.copyOf(names);
    }

    /** Of {@code virsh capabilities}; none if that is not understood. */
    public static SecurityModels parse(byte[] capabilities) {
        Set<String> names = new HashSet<>();
        if (XmlReader.read(capabilities) instanceof XmlReader.Read(XmlElement root)
                && root.name().equals("capabilities")) {
            root.child("host").map(host -> host.all("secmodel")).orElse(List.of()).stream()
                    .flatMap(model -> model.value("model").stream())
                    .forEach(names::add);
        }
        return new SecurityModels(names);
    }

    /** Whether a label of SELinux's in a definition means something here; libvirt starts no such domain otherwise. */
    public boolean hasSelinux() {
        return names.contains("selinux");
    }
}
