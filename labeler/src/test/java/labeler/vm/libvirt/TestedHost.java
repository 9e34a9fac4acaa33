package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.HostPath;

/** A host whose files are texts. */
public record TestedHost(
        Map<String, String> pools,
        Map<String, String> networks,
        List<String> firmware,
        String qemuConf,
        List<String> mounts,
        String options)
        implements LibvirtHost {
    static TestedHost withPool(String name, String xml) {
        return new TestedHost(Map.of(name, xml), Map.of(), List.of(), "", List.of(), "");
    }

    static TestedHost withFirmware(String... descriptors) {
        return new TestedHost(Map.of(), Map.of(), List.of(descriptors), "", List.of(), "");
    }

    static TestedHost withSettings(String qemuConf, String... mounts) {
        return new TestedHost(Map.of(), Map.of(), List.of(), qemuConf, List.of(mounts), "");
    }

    /** With these in the file that each qemu reads. */
    public static TestedHost withQemuOptions(String options) {
        return new TestedHost(Map.of(), Map.of(), List.of(), "", List.of(), options);
    }

    static TestedHost withNetwork(String name, String xml) {
        return new TestedHost(Map.of(), Map.of(name, xml), List.of(), "", List.of(), "");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<byte[]> pool(String name) {
        return Optional.ofNullable(pools.get(name)).map(TestedHost::bytes);
    }

    @Override
    public Optional<byte[]> network(String name) {
        return Optional.ofNullable(networks.get(name)).map(TestedHost::bytes);
    }

    @Override
    public List<byte[]> firmwareDescriptors() {
        return firmware.stream().map(TestedHost::bytes).toList();
    }

    @Override
    public Optional<byte[]> settings() {
        return Optional.of(bytes(qemuConf));
    }

    @Override
    public List<HostPath> hugePageMounts() {
        return mounts.stream().map(HostPath::of).toList();
    }

    @Override
    public Optional<byte[]> qemuOptions() {
        return Optional.of(bytes(options));
    }
}
