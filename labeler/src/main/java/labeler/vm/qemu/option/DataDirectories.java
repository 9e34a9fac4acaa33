package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;

/**
 * The places in which qemu looks for firmware by its bare name. First comes the name itself, from qemu's own directory;
 * then each {@code -L} directory; then the directories that it was built with.
 */
final class DataDirectories {
    /** The directories of the usual distributions; {@code qemu-system-x86_64 -L help} lists those of one build. */
    static final List<String> BUILT_IN = NameTable.inOrder("""
        /usr/share/qemu /usr/share/seabios /usr/lib/ipxe/qemu /usr/share/qemu-kvm /usr/share/ipxe/qemu
        /usr/share/ipxe /usr/share/seavgabios /usr/share/sgabios /usr/share/qemu-firmware /usr/local/share/qemu
        """);

    /** The files that qemu looks for though no option names them, on any of its targets: qemu's {@code pc-bios}. */
    static final List<String> LOOKED_FOR = NameTable.inOrder("""
        bios.bin bios-256k.bin bios-microvm.bin qboot.rom
        vgabios.bin vgabios-ati.bin vgabios-bochs-display.bin vgabios-cirrus.bin vgabios-isavga.bin vgabios-qxl.bin
        vgabios-ramfb.bin vgabios-stdvga.bin vgabios-virtio.bin vgabios-vmware.bin
        pxe-e1000.rom pxe-e1000e.rom pxe-eepro100.rom pxe-ne2k_pci.rom pxe-pcnet.rom pxe-rtl8139.rom pxe-virtio.rom
        pxe-vmxnet3.rom
        efi-e1000.rom efi-e1000e.rom efi-eepro100.rom efi-ne2k_pci.rom efi-pcnet.rom efi-rtl8139.rom efi-virtio.rom
        efi-vmxnet3.rom
        kvmvapic.bin linuxboot.bin linuxboot_dma.bin multiboot.bin multiboot_dma.bin pvh.bin
        openbios-ppc openbios-sparc32 openbios-sparc64 QEMU,VGA.bin QEMU,cgthree.bin QEMU,tcx.bin qemu_vga.ndrv
        opensbi-riscv32-generic-fw_dynamic.bin opensbi-riscv64-generic-fw_dynamic.bin
        slof.bin skiboot.lid pnv-pnor.bin vof.bin vof-nvram.bin s390-ccw.img s390-netboot.img palcode-clipper
        u-boot.e500 u-boot-sam460-20100605.bin hppa-firmware.img hppa-firmware64.img
        bamboo.dtb canyonlands.dtb petalogix-ml605.dtb petalogix-s3adsp1800.dtb
        npcm7xx_bootrom.bin npcm8xx_bootrom.bin ast27x0_bootrom.bin
        """);

    private record Searched(FilePlace place, FileRole role, String name) {}

    private final List<String> added = new ArrayList<>();
    private final List<Searched> searched = new ArrayList<>();

    void add(String directory) {
        added.add(directory);
    }

    /** Delays the search until all {@code -L} are known. */
    void search(FilePlace place, FileRole role, String name) {
        searched.add(new Searched(place, role, name));
    }

    void finish(CommandLineBuilder parsing) {
        for (Searched file : searched) {
            if (file.name.isEmpty() || file.name.startsWith("/")) {
                parsing.file(file.place, file.role, file.name, UseAccess.READ_ONLY);
            } else {
                Stream<String> inDirectories =
                        Stream.concat(added.stream(), BUILT_IN.stream()).map(directory -> directory + "/" + file.name);
                List<byte[]> names = Stream.concat(Stream.of(file.name), inDirectories)
                        .map(ByteText::bytes)
                        .toList();
                parsing.searched(file.place, file.role, names, UseAccess.READ_ONLY);
            }
        }
    }
}
