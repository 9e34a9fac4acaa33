package labeler.vm.libvirt;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/** The files of libvirt and of qemu's packages on a host, to which a domain refers by name. They are not trusted. */
public interface LibvirtHost {
    /** Nothing is known. */
    LibvirtHost UNKNOWN = new LibvirtHost() {
        @Override
        public Optional<byte[]> pool(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<byte[]> network(String name) {
            return Optional.empty();
        }

        @Override
        public List<byte[]> firmwareDescriptors() {
            return List.of();
        }

        @Override
        public Optional<byte[]> settings() {
            return Optional.empty();
        }

        @Override
        public List<HostPath> hugePageMounts() {
            return List.of();
        }

        @Override
        public Optional<byte[]> qemuOptions() {
            return Optional.empty();
        }
    };

    /** The XML of a storage pool; empty if there is none of that name. */
    Optional<byte[]> pool(String name);

    /** The XML of a network; empty if there is none of that name. */
    Optional<byte[]> network(String name);

    /** The descriptors of firmware that is installed, in the order in which the first that fits is taken. */
    List<byte[]> firmwareDescriptors();

    /** The settings of libvirt's driver for qemu ({@code qemu.conf}). */
    Optional<byte[]> settings();

    /** The places where huge pages are mounted. */
    List<HostPath> hugePageMounts();

    /** The options that qemu reads at each start, unless it is told not to ({@code /etc/qemu/qemu.conf}). */
    Optional<byte[]> qemuOptions();
}
