package labeler.vm;

/** A device of the host, by the address that a definition gives. Numbers are those of the kernel, and never negative. */
public sealed interface HostDevice {
    /**
     * By {@code domain:bus:slot.function}, at most {@code ffff:ff:1f.7}.
     *
     * @param managed whether somebody takes it from the host when the VM starts
     */
    record Pci(int domain, int bus, int slot, int function, boolean managed) implements HostDevice {
        /** One that is the VM's already. */
        public Pci(int domain, int bus, int slot, int function) {
            this(domain, bus, slot, function, false);
        }
    }

    /** A part of a device, by its UUID: {@code mdev}. */
    record Mediated(String uuid) implements HostDevice {}

    /** A logical unit behind a host adapter: {@code /sys/bus/scsi/devices/HOST:BUS:TARGET:UNIT}. */
    record Scsi(int host, int bus, int target, long unit) implements HostDevice {}

    /** By bus and number on it. */
    record Usb(int bus, int number) implements HostDevice {}

    /** By vendor and product, of which the host has exactly one. */
    record UsbProduct(int vendor, int product) implements HostDevice {}
}
