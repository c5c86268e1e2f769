class Work
  def make(whole, big)
    puts whole.inspect + ' ' + big.inspect
    Digdag.env.store(total: 3.0, id: big)
  end
  def use(total, id)
    puts total.inspect + ' ' + id.inspect
  end
end
