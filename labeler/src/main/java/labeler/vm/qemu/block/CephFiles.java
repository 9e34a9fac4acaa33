package labeler.vm.qemu.block;

import java.util.regex.Pattern;
import labeler.chain.name.RbdName;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.LibraryFiles;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;

/** The files of Ceph's library in qemu: those that the settings in a disk's name give. */
final class CephFiles {
    /** One name, without anything that Ceph replaces. */
    private static final Pattern ONE_NAME = Pattern.compile("[^,;= \\t$]+");

    private CephFiles() {}

    /** @param name begins with {@code rbd:} */
    static void ofName(String name, Origin origin, DefinitionBuilder out) {
        RbdName disk = RbdName.of(ByteText.name(name));
        disk.settings().stream()
                .filter(setting -> !RbdName.namesNoFile(setting))
                .forEach(setting -> declare(setting, origin, out));
        if (disk.settings().stream().noneMatch(setting -> setting.key().equals("conf"))) {
            LibraryFiles.ofCeph(origin, out);
        }
    }

    private static void declare(RbdName.Setting setting, Origin origin, DefinitionBuilder out) {
        switch (setting.key()) {
            case "conf" ->
                out.file(origin, FileRole.CONFIGURATION, ByteText.bytes(setting.value()), UseAccess.READ_ONLY);
            case "keyring", "keyfile" -> {
                if (ONE_NAME.matcher(setting.value()).matches()) {
                    out.file(origin, FileRole.SECRET, ByteText.bytes(setting.value()), UseAccess.READ_ONLY);
                } else {
                    out.notUnderstood(
                            origin,
                            "the setting " + setting.key() + " with several names, or with a part that Ceph replaces",
                            "give one whole name");
                }
            }
            default ->
                out.notUnderstood(
                        origin,
                        "the setting " + ByteText.shown(setting.key())
                                + " of Ceph is not understood, and may name a file, which qemu would read or write",
                        "leave it out: only id, key, keyring, keyfile, conf, mon_host and settings of the"
                                + " authentication and the cache are");
        }
    }
}
