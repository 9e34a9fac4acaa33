package labeler.linux.jna;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import labeler.linux.Descriptor;

/**
 * The control part of one message: it sends at most one batch of descriptors, and receives any number of batches
 * (cmsg(3)).
 */
final class AncillaryData {
    /** {@code SCM_MAX_FD} of net/scm.h. */
    static final int MAXIMUM = 253;

    private final Memory memory;

    private AncillaryData(Memory memory) {
        this.memory = memory;
    }

    static AncillaryData of(List<Descriptor> descriptors) {
        return of(descriptors.stream().mapToInt(Descriptor::number).toArray());
    }

    /** The numbers of descriptors. */
    static AncillaryData of(int... descriptors) {
        int length = Abi.Control.DATA + descriptors.length * Integer.BYTES;
        Memory memory = new Memory(Abi.Control.aligned(length));
        memory.clear();
        memory.setLong(Abi.Control.LENGTH, length);
        memory.setInt(Abi.Control.LEVEL, Abi.Socket.SOL_SOCKET);
        memory.setInt(Abi.Control.TYPE, Abi.Socket.SCM_RIGHTS);
        for (int i = 0; i < descriptors.length; i++) {
            memory.setInt(Abi.Control.DATA + (long) i * Integer.BYTES, descriptors[i]);
        }
        return new AncillaryData(memory);
    }

    /** Room for this many descriptors. */
    static AncillaryData withRoom(int descriptors) {
        return new AncillaryData(new Memory(Abi.Control.aligned(Abi.Control.DATA + descriptors * Integer.BYTES)));
    }

    /** Writes a struct msghdr, with its one iovec behind it, into the structure area. */
    void describe(Scratch scratch, long data, int length, boolean control) {
        for (int i = 0; i < Abi.Message.SIZE; i += Long.BYTES) {
            scratch.putLong(i, 0);
        }
        scratch.putLong(Abi.Message.IOV, scratch.structure() + Abi.Message.SIZE);
        scratch.putLong(Abi.Message.IOV_COUNT, 1);
        scratch.putLong(Abi.Message.SIZE + Abi.Message.IOV_BASE, data);
        scratch.putLong(Abi.Message.SIZE + Abi.Message.IOV_LENGTH, length);
        if (control) {
            scratch.putLong(Abi.Message.CONTROL, Pointer.nativeValue(memory));
            scratch.putLong(Abi.Message.CONTROL_LENGTH, memory.size());
        }
    }

    /** The descriptors that arrived; every one of them, from all batches. */
    List<Descriptor> descriptors(long controlLength) {
        List<Descriptor> descriptors = new ArrayList<>();
        long at = 0;
        while (at + Abi.Control.DATA <= controlLength) {
            long length = memory.getLong(at + Abi.Control.LENGTH);
            if (length < Abi.Control.DATA || length > controlLength - at) {
                break;
            }
            boolean rights = memory.getInt(at + Abi.Control.LEVEL) == Abi.Socket.SOL_SOCKET
                    && memory.getInt(at + Abi.Control.TYPE) == Abi.Socket.SCM_RIGHTS;
            for (long i = Abi.Control.DATA; rights && i + Integer.BYTES <= length; i += Integer.BYTES) {
                descriptors.add(new OwnedDescriptor(memory.getInt(at + i)));
            }
            at += Abi.Control.aligned((int) length);
        }
        return descriptors;
    }
}
