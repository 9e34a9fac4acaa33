package labeler.chain.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A DiskDescriptor.xml as Parallels writes it, or with a test's own text in some places. */
public final class DiskDescriptorBuilder {
    private String prolog = "<?xml version='1.0' encoding='UTF-8'?>\n";
    private final List<String> images = new ArrayList<>();
    private final List<String> shots = new ArrayList<>();

    /** The text before the root element. */
    public DiskDescriptorBuilder prolog(String text) {
        this.prolog = text;
        return this;
    }

    public DiskDescriptorBuilder image(String guid, String file) {
        images.add("<Image><GUID>" + guid + "</GUID><Type>Compressed</Type><File>" + file + "</File></Image>");
        return this;
    }

    public DiskDescriptorBuilder shot(String guid, String parent) {
        shots.add("<Shot><GUID>" + guid + "</GUID><ParentGUID>" + parent + "</ParentGUID></Shot>");
        return this;
    }

    public String text() {
        return prolog + "<Parallels_disk_image Version=\"1.0\">\n"
                + "<Disk_Parameters><Disk_size>2048</Disk_size></Disk_Parameters>\n"
                + "<StorageData><Storage><Start>0</Start><End>2048</End><Blocksize>2048</Blocksize>\n"
                + String.join("\n", images) + "</Storage></StorageData>\n"
                + "<Snapshots>" + String.join("\n", shots) + "</Snapshots>\n</Parallels_disk_image>\n";
    }

    public byte[] build() {
        return text().getBytes(StandardCharsets.UTF_8);
    }
}
